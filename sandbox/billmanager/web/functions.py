"""A function's page: opened, submitted, re-posted by a field, called for selected rows, looked at again."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from sandbox.billmanager.answer import PanelAnswer, new_document
from sandbox.billmanager.request import Upload
from sandbox.billmanager.web.checks import problems
from sandbox.billmanager.web.conversation import conversation
from sandbox.billmanager.web.forms import FormBuilder
from sandbox.billmanager.web.frame import failure, framed, home, render
from sandbox.billmanager.web.lists import PAGE_SIZE, ListBuilder
from sandbox.billmanager.web.visitor import Visitor
from sandbox.billmanager.web.wire import Pairs, WebRequest, WebResponse, fragment, redirect

MODULES = "plugins"
"""The list of installed modules, the other page of the core's own that is not drawn as a plain list."""

_CORE_POLL, _PLUGIN_POLL = 1000, 3000
"""Milliseconds between looks; looking at a plugin's list starts its handler as a process."""


class FunctionPage:
    """The page of ``func`` for one request; names that begin with ``_`` are the pages' own and not passed on."""

    def __init__(self, visitor: Visitor, func: str, request: WebRequest) -> None:
        self.visitor, self.func, self.request = visitor, func, request
        self.sent = join_values([*request.query, *request.form])
        self.own = {name: value for name, value in self.sent.items() if name.startswith("_")}
        self.params = _passed_on(self.sent)

    @property
    def here(self) -> str:
        return self.visitor.function(self.func, join_values(self.request.query))

    def opened(self) -> WebResponse:
        """The answer to GET."""
        return self.show(self.visitor.call(self.func, self.listed(self.params)))

    def posted(self, uploads: Mapping[str, Upload]) -> WebResponse:
        """The answer to POST: a submitted form, one re-posted by a field, or a call for selected rows."""
        params = self.params
        if "_confirmed" in self.own or "_call" in self.own:
            return self._called(params)
        if params.get("sv_field"):
            params.pop("clicked_button", None)
            return self.show(self.visitor.call(self.func, params, uploads), typed=params)
        wrong = problems(self.visitor, self.func, self._description(), params)
        if wrong:
            return self._refused(params, wrong)
        answer = self.visitor.call(self.func, {"clicked_button": "ok", **params, "sok": "ok"}, uploads)
        if answer.error is not None:
            return self._refused(params, ((answer.error[1], answer.text("error/msg")),))
        if self.own.get("_filter") and answer.xml and not answer.text("ok"):
            kept = {name: value for name, value in params.items() if value and name != "clicked_button"}
            return redirect(self.request, self.visitor.function(self.own["_filter"], kept))
        return self.show(answer, typed=params)

    def _description(self) -> ET.Element:
        """The form as described, without anything from its handler."""
        doc = new_document(self.func, self.visitor.lang)
        self.visitor.panel.descriptions.describe(doc, self.func, self.visitor.lang)
        return doc

    def _refused(self, params: dict[str, str], errors: tuple[tuple[str, str], ...]) -> WebResponse:
        """The form with what is wrong, as typed.

        Our script keeps the form it has and takes only the errors; who has no script gets the form anew, by way of
        a field that asks for it, so that drop-downs hold what they held.
        """
        doc = self._description()
        if not self.request.by_script:
            asking = next((one.get("name", "") for one in doc.iter() if one.get("setvalues") == "yes"), "")
            again = self.visitor.call(self.func, {**params, "sv_field": asking}, quiet=True) if asking else None
            if again is None or not again.ok:
                again = self.visitor.call(self.func, _passed_on(join_values(self.request.query)), quiet=True)
            doc = again.doc if again.ok and again.doc.find("metadata") is not None else doc
        if doc.find("metadata") is None:
            return failure(self.visitor, errors[0][1], self.here, self.func, back=self._back())
        return self._form(doc, params, errors)

    def _called(self, params: dict[str, str]) -> WebResponse:
        """A button of a list's toolbar: for selected rows, or for all of them."""
        if self.visitor.panel.descriptions.metadata(self.func) is not None:
            return redirect(self.request, self.visitor.function(self.func, {**params, "_back": self._back()}))
        if self.own.get("_confirm") and "_confirmed" not in self.own:
            title = self.visitor.word("confirm_title")
            hidden = [(name, value) for name, value in self.sent.items() if name not in ("lang",)]
            return framed(
                "confirm.html",
                self.visitor,
                title,
                self.here,
                self.func,
                text=self.own["_confirm"],
                hidden=hidden,
                back=self._back(),
                action=self.here,
            )
        answer = self.visitor.call(self.func, params)
        if answer.error is not None:
            text = answer.text("error/msg")
            return failure(self.visitor, text, self.here, self.func, _status(answer), back=self._back())
        return self.show(answer)

    def listed(self, params: dict[str, str]) -> dict[str, str]:
        """A list is asked for its page, as the panel's own pages do."""
        metadata = self.visitor.panel.descriptions.metadata(self.func)
        if metadata is None or metadata.get("type") != "list":
            return params
        return {"p_num": "1", "p_cnt": str(PAGE_SIZE), **params}

    def show(
        self,
        answer: PanelAnswer,
        typed: Mapping[str, str] | None = None,
    ) -> WebResponse:
        """Draw whatever the panel answered."""
        visitor = self.visitor
        if not answer.xml:
            return failure(visitor, visitor.word("no_answer"), self.here, self.func, 502, self._back())
        if answer.error is not None:
            return failure(visitor, answer.text("error/msg"), self.here, self.func, _status(answer), back=self._back())
        if answer.doc.find("ok") is not None:
            return self._done(answer)
        metadata = answer.doc.find("metadata")
        if metadata is None:
            return failure(visitor, visitor.word("no_metadata", func=self.func), self.here, self.func, 502)
        if self.func == MODULES:
            return self._modules(answer)
        kind = metadata.get("type", "")
        if kind == "list":
            return self._list(answer)
        if kind == "form":
            return self._form(answer.doc, typed or {})
        return failure(visitor, visitor.word("unknown_type", type=kind), self.here, self.func, 502)

    def _form(self, doc: ET.Element, typed: Mapping[str, str], errors: tuple[tuple[str, str], ...] = ()) -> WebResponse:
        # A field that asked for the form anew gets what the handler returned; after an error all stays as typed.
        again = "sv_field" in typed
        returned = {child.tag for child in doc}
        kept = {name: value for name, value in typed.items() if not again or name not in returned}
        view = FormBuilder(self.visitor, self.func, doc, kept, errors).build()
        return framed(
            "form.html",
            self.visitor,
            view.title,
            self.here,
            self.func,
            422 if errors else 200,
            form=view,
            action=self.here,
            back=self._back(),
            done="_done" in self.own and not errors,
            talk=conversation(self.visitor, doc) if view.conversation else None,
            part=self._part_address(),
            poll=_CORE_POLL,
        )

    def _list(self, answer: PanelAnswer) -> WebResponse:
        view = ListBuilder(self.visitor, self.func, answer.doc, self.params).build()
        plugin = self.visitor.panel.event_system.plugins.for_function(self.func) is not None
        return framed(
            "list.html",
            self.visitor,
            view.title,
            self.here,
            self.func,
            list=view,
            done="_done" in self.own,
            part=self._part_address(),
            poll=_PLUGIN_POLL if plugin else _CORE_POLL,
        )

    def _modules(self, answer: PanelAnswer) -> WebResponse:
        rows = [{child.tag: child.text or "" for child in elem} for elem in answer.doc.findall("elem")]
        texts = self.visitor.words(MODULES)
        return framed("modules.html", self.visitor, texts["title"], self.here, self.func, rows=rows, texts=texts)

    def part(self) -> WebResponse:
        """What the page's script looks at again and again: the conversation, or the list's table."""
        answer = self.visitor.call(self.func, self.listed(self.params), quiet=True)
        metadata = answer.doc.find("metadata") if answer.ok else None
        if metadata is None:
            return WebResponse(404 if answer.error else 502)
        if metadata.get("type") == "list":
            view = ListBuilder(self.visitor, self.func, answer.doc, self.params).build()
            return fragment(render("table.html", self.visitor, list=view, here=self.here), self.request)
        talk = conversation(self.visitor, answer.doc)
        return fragment(render("conversation.html", self.visitor, talk=talk, here=self.here), self.request)

    # Where it goes on.

    def _done(self, answer: PanelAnswer) -> WebResponse:
        node = answer.doc.find("ok")
        assert node is not None
        kind, text = node.get("type", ""), (node.text or "").strip()
        page = self.visitor.target(text, self._back())
        if kind in ("url", "blank") and text and not page:
            safe = text.startswith(("https://", "http://")) or (text.startswith("/") and text[1:2] not in ("/", "\\"))
            if not safe:
                return failure(self.visitor, text, self.here, self.func)
            return redirect(self.request, text, new_window=kind == "blank")
        if kind == "top" and not page:
            return redirect(self.request, self.visitor.path(""))
        if page:
            return redirect(self.request, page, new_window=kind == "blank")
        return redirect(self.request, _with_done(self._back()))

    def _back(self) -> str:
        """Where this page was opened from; else the list it belongs to, or itself when it stands in the menu."""
        known = self.visitor.local(self.own.get("_back", ""))
        if known:
            return known
        described = self.visitor.panel.descriptions
        owner, _, last = self.func.rpartition(".")
        standing = any(self.func == action for action in _actions(self.visitor))
        if not standing and last and owner and described.metadata(owner) is not None:
            return self.visitor.function(owner)
        if described.metadata(self.func) is not None and not self.sent.get("elid"):
            return self.visitor.function(self.func)
        return self.visitor.function(home(self.visitor))

    def _part_address(self) -> str:
        return self.visitor.path("part", self.func, **{**join_values(self.request.query), "lang": self.visitor.lang})


def _passed_on(sent: Mapping[str, str]) -> dict[str, str]:
    apart = ("lang", "out", "func", "su", "auth", "authinfo", "sfrom")
    return {name: value for name, value in sent.items() if not name.startswith("_") and name not in apart}


def _actions(visitor: Visitor) -> list[str]:
    found, rest = [], list(visitor.panel.descriptions.menu(visitor.actor.level))
    while rest:
        node = rest.pop()
        found.append(node.action)
        rest += node.children
    return found


def _with_done(address: str) -> str:
    return address if "_done=" in address else f"{address}{'&' if '?' in address else '?'}_done=1"


def _status(answer: PanelAnswer) -> int:
    return 403 if answer.error is not None and answer.error[0] in ("access", "auth") else 422


def join_values(pairs: Pairs | Sequence[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name: of a tick box the last value counts, several choices are joined by a comma and a blank.

    Names of several choices end in ``[]`` in the pages' forms.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            known = found.get(name[:-2], "")
            found[name[:-2]] = f"{known}, {value}" if known and value else known or value
        else:
            found[name] = value
    return found
