"""The two AWS files as sections of properties, with their lines as they were written.

Just enough for rewriting what is odd in them; neither side reads a file with this.
"""

import re


class Property:
    def __init__(self, line):
        self.line = line
        self.more = []  # its lines that are indented deeper

    @property
    def parts(self):
        """(key, separator, value) as written, or None."""
        match = re.match(r"([^=:]*)([=:])(.*)", self.line, re.DOTALL)
        return match.groups() if match else None

    @property
    def key(self):
        return self.parts[0].strip().lower() if self.parts else ""

    @property
    def value(self):
        return self.parts[2].strip() if self.parts else ""


class Section:
    def __init__(self, header):
        self.header = header  # None before the first one
        self.properties = []

    @property
    def name(self):
        """What is between the brackets; None where they are not closed."""
        match = re.match(r"\s*\[([^\]]*)\]", self.header or "")
        return match[1].strip() if match else None

    def get(self, key):
        return next((p.value for p in reversed(self.properties) if p.key == key and p.value), None)


def indent(line):
    return len(line) - len(line.lstrip())


def parse(text):
    sections = [Section(None)]
    for line in text.replace("\r\n", "\n").split("\n"):
        properties = sections[-1].properties
        if not line.strip() or line.lstrip()[0] in "#;":
            continue
        if properties and properties[-1].parts and indent(line) > indent(properties[-1].line):
            properties[-1].more.append(line)
        elif line.lstrip().startswith("["):
            sections.append(Section(line))
        else:
            properties.append(Property(line))
    return sections


def write(sections):
    lines = []
    for section in sections:
        lines += [section.header] if section.header is not None else []
        for prop in section.properties:
            lines += [prop.line, *prop.more]
    return "".join(line + "\n" for line in lines)
