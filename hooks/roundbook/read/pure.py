"""In: YAML text. Out: the events of PyYAML's own parser, by the rules of libyaml, for machines that lack the C parser.

The two differ where people notice: `key:<tab>value`, `[really?]` and `{a:}`. Here libyaml 0.2.5 is followed
(`yaml_parser_scan_to_next_token`, `yaml_parser_scan_plain_scalar`), so that a file means the same everywhere.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import yaml
from yaml.error import Mark
from yaml.scanner import ScannerError
from yaml.tokens import ScalarToken

_BLANKS = re.compile(r"[ \t\n]*")
_COMMENT = re.compile(r"#[^\n\0]*")
_DOCUMENT = re.compile(r"(?:---|\.\.\.)[ \t\n\0]")
_HEX = "[0-9A-Fa-f]"
_VALID_ESCAPE = rf'\\(?:u({_HEX}{{4}})|U({_HEX}{{8}})|x{_HEX}{{2}}|[0abt\tnvfre "/\\N_LP\n])'
_TO_ESCAPE = re.compile(rf'[^"\\\n]*(?:\n(?!(?:---|\.\.\.)[ \t\n\0])[^"\\\n]*)*{_VALID_ESCAPE}')
_SIGN = re.compile("[+-]?")
_DIGIT = re.compile("[0-9]?")
_WORD = re.compile(r"(?:[^ \t\n\0:]|:(?![ \t\n\0]))+")
_WORD_IN_BRACKETS = re.compile(r"(?:[^ \t\n\0:,\[\]{}]|:(?![ \t\n\0,?\[\]{}]))+")


class PureLoader(yaml.BaseLoader):
    """PyYAML's loader in Python with libyaml's rules for tabs, question marks and colons."""

    def scan_to_next_token(self) -> None:
        """Skip blanks, comments and line ends; a tab only where it cannot be taken for indentation."""
        while True:
            blanks = " \t" if self.flow_level or not self.allow_simple_key else " "
            while self.peek() in blanks:
                self.forward()
            self._skip(_COMMENT)
            if self.peek() != "\n":
                return
            self.forward()
            if not self.flow_level:
                self.allow_simple_key = True

    def scan_directive_name(self, start_mark: Mark) -> str:
        """Return `YAML` or `TAG`; other directives are refused."""
        above: Any = super()
        name = str(above.scan_directive_name(start_mark))
        if name not in ("YAML", "TAG"):
            self._refuse("while scanning a directive", start_mark, "found unknown directive name")
        return name

    def scan_block_scalar_indicators(self, start_mark: Mark) -> tuple[bool | None, int | None]:
        """Return what the signs behind `|` or `>` say: whether to keep the last line ends, and the indentation."""
        sign, digit = self._skip(_SIGN), self._skip(_DIGIT)
        sign = sign or self._skip(_SIGN)
        if digit == "0":
            self._refuse("while scanning a block scalar", start_mark, "found an indentation indicator equal to 0")
        return {"+": True, "-": False}.get(sign), int(digit) if digit else None

    def scan_block_scalar_ignored_line(self, start_mark: Mark) -> None:
        """Skip blanks, tabs too, and a comment behind `|` or `>`."""
        while self.peek() in " \t":
            self.forward()
        super().scan_block_scalar_ignored_line(start_mark)

    def scan_block_scalar_indentation(self) -> tuple[list[str], int, Mark]:
        """Return the empty lines at the start of a block, its indentation and where it begins."""
        found: tuple[list[str], int, Mark] = super().scan_block_scalar_indentation()
        self._no_tab(True)
        return found

    def scan_block_scalar_breaks(self, indent: int) -> tuple[list[str], Mark]:
        """Return the empty lines inside a block and where they end."""
        found: tuple[list[str], Mark] = super().scan_block_scalar_breaks(indent)
        self._no_tab(self.column < indent)
        return found

    def _no_tab(self, indenting: bool) -> None:
        if indenting and self.peek() == "\t":
            problem = "found a tab character where an indentation space is expected"
            self._refuse("while scanning a block scalar", self.get_mark(), problem)

    def parse_flow_mapping_value(self) -> yaml.Event:
        """Return the value of a key in braces; an empty one stands where the next token stands."""
        above: Any = super()
        return self._moved(above.parse_flow_mapping_value())

    def parse_flow_sequence_entry_mapping_value(self) -> yaml.Event:
        """Return the value of a key in a list in brackets (`[a: b]`)."""
        above: Any = super()
        return self._moved(above.parse_flow_sequence_entry_mapping_value())

    def _moved(self, event: Any) -> yaml.Event:
        tokens: Any = self
        if isinstance(event, yaml.ScalarEvent) and event.start_mark == event.end_mark:
            event.start_mark = event.end_mark = tokens.peek_token().start_mark
        moved: yaml.Event = event
        return moved

    def scan_plain(self) -> ScalarToken:
        """Return text without quotes."""
        start = end = self.get_mark()
        chunks: list[str] = []
        blanks = ""
        while self.peek() != "#" and not (self.column == 0 and _DOCUMENT.match(self.buffer, self.pointer)):
            word = self._word(start)
            if not word:
                break
            self.allow_simple_key = False
            chunks += [blanks, word]
            end = self.get_mark()
            blanks = self._blanks(start)
            if not blanks or (not self.flow_level and self.column <= self.indent):
                break
        return ScalarToken("".join(chunks), True, start, end)

    def _word(self, start: Mark) -> str:
        word = self._skip(_WORD_IN_BRACKETS if self.flow_level else _WORD)
        if self.flow_level and self.peek() == ":" and self.peek(1) in ",?[]{}":
            self._refuse("while scanning a plain scalar", start, "found unexpected ':'")
        return word

    def _blanks(self, start: Mark) -> str:
        """Skip blanks and line ends and return what joins the words around them, as YAML folds lines."""
        match = _BLANKS.match(self.buffer, self.pointer)
        first, *lines = match[0].split("\n") if match else [""]
        self.forward(len(first))
        for line in lines:
            self.forward()
            tab = line.find("\t", 0, self.indent + 1)
            self.forward(len(line) if tab < 0 else tab)
            if tab >= 0:
                self._refuse("while scanning a plain scalar", start, "found a tab character that violates indentation")
        self.allow_simple_key = self.allow_simple_key or bool(lines)
        return "\n" * (len(lines) - 1) or " " if lines else first

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """Return text in quotes; escapes that name no character are refused as libyaml does, not with ValueError."""
        index = self.pointer + 1
        while style == '"':
            match = _TO_ESCAPE.match(self.buffer, index)
            if not match:
                break
            code = int(match[1] or match[2] or "0", 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                start = self.get_mark()
                self.forward(match.start(1 if match[1] else 2) - self.pointer)
                self._refuse("while parsing a quoted scalar", start, "found invalid Unicode character escape code")
            index = match.end()
        return super().scan_flow_scalar(style)

    def _refuse(self, context: str, start: Mark, problem: str) -> NoReturn:
        raise ScannerError(context, start, problem, self.get_mark())

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.buffer, self.pointer)
        text = match[0] if match else ""
        self.forward(len(text))
        return text
