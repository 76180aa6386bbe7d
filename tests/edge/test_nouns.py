"""What the nouns declare, and that the gateway takes it up."""

from __future__ import annotations

import importlib

import pytest

from edge.domain.noun import ANY_KIND, Noun
from edge.domain.nouns import NOUNS


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
def test_what_it_refers_to_is_there(noun: Noun) -> None:
    for reference in (*noun.api, *noun.pages):
        module, _, name = reference.partition(":")
        assert hasattr(importlib.import_module(module), name), reference


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.name)
def test_what_it_does_is_done_for_facts_of_its_own(noun: Noun) -> None:
    noticed = {fact for facts in noun.notices.values() for fact in facts}
    granted = {fact for each in noun.actuations for fact in (each.granted, *each.ends)}
    assert {*noun.guarded, *noun.commands, *granted, *noun.changes, *noticed} <= set(noun.facts)


def test_a_fact_and_a_kind_of_device_belong_to_one_noun() -> None:
    facts = [fact for noun in NOUNS for fact in noun.facts]
    assert len(facts) == len(set(facts))
    kinds = [kind for noun in NOUNS for kind in noun.on_state]
    assert len(kinds) == len(set(kinds))
    assert ANY_KIND in kinds


def test_a_fact_gives_one_command_or_ends_one() -> None:
    for noun in NOUNS:
        noticed = {fact for facts in noun.notices.values() for fact in facts}
        granted = [fact for each in noun.actuations for fact in (each.granted, *each.ends)]
        assert len(granted) == len(set(granted))
        assert not noun.commands.keys() & set(granted)
        assert not noticed & {*noun.commands, *granted}
