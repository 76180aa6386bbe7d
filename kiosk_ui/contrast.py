"""High contrast: light letters on a dark ground, and mango for what matters, without a second set of colours.

The colours of the house become others by a rule that runs where they are drawn: lightness is turned round, so what
stood out goes on standing out, and more so. Pictures of goods and codes to scan keep theirs: they are drawn with
exactly white, which no colour of the house is.
"""

from __future__ import annotations

from typing import Final

from kiosk_ui.theme import Colour

STRONG: Final = 0.35
"""Colours of more chroma than this are colours; the rest are greys."""
TURN: Final = 0.62
"""Luma above which a strong colour is a ground to write on, such as mango, and below which it is written itself."""
GROUND: Final = (0.035, 0.082, 0.063)
"""Of the look: what white and cream become."""
ACCENT: Final = (1.0, 0.78, 0.30)
"""What leaf and tomato become."""
DEEP: Final = (0.06, 0.22, 0.15)
"""What mango becomes."""
LUMA: Final = (0.299, 0.587, 0.114)
STEEP: Final = 1.18
"""Greys are drawn apart by so much."""


def turned(colour: Colour) -> Colour:
    """What a colour becomes. The shader below does the same."""
    red, green, blue, opacity = colour
    luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    chroma = max(red, green, blue) - min(red, green, blue)
    if chroma > STRONG:
        return (*(ACCENT if luma < TURN else DEEP), opacity)
    light = min(1.0, max(0.0, (1.0 - luma) * STEEP))
    mixed = [ground + (1.0 - ground) * light for ground in GROUND]
    return (mixed[0], mixed[1], mixed[2], opacity)


def _vector(values: tuple[float, ...]) -> str:
    return f"vec3({', '.join(map(str, values))})"


SHADER: Final = f"""
$HEADER$
void main(void) {{
    vec4 shown = frag_color * texture2D(texture0, tex_coord0);
    if (min(frag_color.r, min(frag_color.g, frag_color.b)) < 1.0) {{
        float luma = dot(shown.rgb, {_vector(LUMA)});
        float high = max(shown.r, max(shown.g, shown.b));
        float low = min(shown.r, min(shown.g, shown.b));
        vec3 grey = mix({_vector(GROUND)}, vec3(1.0), clamp((1.0 - luma) * {STEEP}, 0.0, 1.0));
        vec3 strong = luma < {TURN} ? {_vector(ACCENT)} : {_vector(DEEP)};
        shown.rgb = high - low > {STRONG} ? strong : grey;
    }}
    gl_FragColor = shown;
}}
"""
"""The fragment shader: what is drawn with exactly white is a picture and stays as it is."""
