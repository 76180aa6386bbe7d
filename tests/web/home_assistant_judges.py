"""Run by Home Assistant's own Python: what its MQTT integration says of each announcement on standard input.

`{topic: config}` comes in, `{topic: what is wrong}` goes out.
"""

import json
import sys

import voluptuous
from homeassistant.components.mqtt import binary_sensor, sensor

SCHEMAS = {"binary_sensor": binary_sensor.DISCOVERY_SCHEMA, "sensor": sensor.DISCOVERY_SCHEMA}

found = {}
for topic, config in json.load(sys.stdin).items():
    try:
        SCHEMAS[topic.split("/")[1]](config)
    except voluptuous.Invalid as error:
        found[topic] = str(error)
print(json.dumps(found))
