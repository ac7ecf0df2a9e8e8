"""A plugin that has nothing to do with tickets or Omnidesk, using every word the simulated panel's pages know."""

from __future__ import annotations

import sys

from sandbox.billmanager.panel import Panel

DESCRIPTION = """<?xml version="1.0"?>
<mgrdata>
<plugin name="parrot">
  <author>Cage &amp; Co</author>
  <msg name="desc_short" lang="ru">Попугай</msg><msg name="desc_short" lang="en">Parrot</msg>
  <msg name="desc_full" lang="ru">Повторяет.</msg><msg name="desc_full" lang="en">Repeats.</msg>
</plugin>
<handler name="parrot" type="xml">
  <func name="parrot.settings"/><func name="parrot.words"/><func name="parrot.words.edit"/>
  <func name="parrot.words.delete"/><func name="parrot.words.filter"/><func name="parrot.all"/><func name="parrot.go"/>
  <event name="ticket.edit" after="yes"/>
</handler>
<metadata name="parrot.settings" type="form" mgr="billmgr" level="admin+">
  <form>
    <page name="main">
      <field name="address"><input type="text" name="address" required="yes" check="url" setvalues="yes"/></field>
      <field name="key"><input type="password" name="key" private="yes"/></field>
      <field name="token"><input type="text" name="token" private="yes"/></field>
      <field name="talks">
        <input type="toggle" name="talks"><if value="off" hide="mode"/><if value="off" hide="mail"/></input>
      </field>
      <field name="mode"><select name="mode" type="radio"/></field>
      <field name="mail"><input type="text" name="mail" check="email"/></field>
      <field name="kind"><select name="kind"/></field>
      <field name="sub"><select name="sub" depend="kind"/></field>
      <field name="hook"><textdata name="hook"/><button name="renew" type="setvalues"/><htmldata name="news"/></field>
      <field name="site"><link name="site" target="_blank"/></field>
      <field name="trap"><link name="trap"/></field>
      <field name="fixed"><input type="text" name="fixed" readonly="yes"/></field>
      <field name="mood"><input type="msg" name="mood"/></field>
    </page>
    <page name="more">
      <field name="flags"><select name="flags" type="multiple"/></field>
      <field name="memo"><textarea name="memo"/></field>
      <field name="table"><list name="table" type="table"><col name="who"/><col name="how" type="msg"/></list></field>
    </page>
    <buttons>
      <button name="ok" type="ok"/><button name="fresh" type="setvalues"/><button name="cancel" type="cancel"/>
    </buttons>
  </form>
</metadata>
<metadata name="parrot.words" type="list" key="id" keyname="word" mgr="billmgr">
  <toolbar>
    <toolgrp name="one">
      <toolbtn name="new" func="parrot.words.edit" type="new"/>
      <toolbtn name="edit" func="parrot.words.edit" type="edit"><hide name="status" value="secret"/></toolbtn>
      <toolbtn name="delete" func="parrot.words.delete" type="group"/>
      <toolbtn name="top" func="parrot.go" level="super"/>
    </toolgrp>
    <toolgrp name="two">
      <toolbtn name="filter" func="parrot.words.filter" type="filter"/>
      <toolbtn name="refresh" func="parrot.words" type="refresh"/>
      <toolbtn name="all" func="parrot.all"/>
    </toolgrp>
  </toolbar>
  <coldata>
    <col name="id" type="data" sort="digit"/><col name="word" type="data"/><col name="status" type="msg"/>
  </coldata>
</metadata>
<metadata name="parrot.words.edit" type="form" mgr="billmgr">
  <form><field name="word"><input type="text" name="word" required="yes"/></field></form>
</metadata>
<metadata name="parrot.words.filter" type="form" mgr="billmgr">
  <form><field name="word"><input type="text" name="word"/></field></form>
</metadata>
<metadata name="ticket.edit" type="form">
  <form><field name="ask" after="mlist"><link name="ask" target="_blank"/></field></form>
</metadata>
<metadata name="ticket_all" type="list">
  <toolbar><toolgrp name="edit"><toolbtn name="ask" func="parrot.go" type="edit"/></toolgrp></toolbar>
</metadata>
<mainmenu level="admin+">
  <node name="parrot">
    <node name="parrot.settings" action="parrot.settings" type="form"/>
    <node name="parrot.words" action="parrot.words" type="list"/>
  </node>
</mainmenu>
<lang name="ru">
  <messages name="desktop">
    <msg name="menu_parrot">Попугай</msg><msg name="menu_parrot.settings">Клетка</msg>
    <msg name="menu_parrot.words">Слова</msg>
  </messages>
  <messages name="parrot.settings"><msg name="title">Клетка __fixed__</msg><msg name="address">Адрес</msg></messages>
  <messages name="msgerror"><msg name="msg_error_parrot_mute">Попугай __object__ молчит: __why__</msg></messages>
</lang>
<lang name="en">
  <messages name="desktop">
    <msg name="menu_parrot">Parrot</msg><msg name="menu_parrot.settings">Cage</msg>
    <msg name="menu_parrot.words">Words</msg>
  </messages>
  <messages name="parrot.settings">
    <msg name="title">Cage __fixed__</msg><msg name="main">Main</msg><msg name="more">More</msg>
    <msg name="address">Address</msg><msg name="hint_address">With https://</msg>
    <msg name="placeholder_address">https://cage.example.com</msg>
    <msg name="key">Key</msg><msg name="token">Token</msg><msg name="talks">Talks</msg><msg name="mode">Volume</msg>
    <msg name="mail">E-mail</msg><msg name="kind">Breed</msg><msg name="sub">Colour</msg><msg name="hook">Hook</msg>
    <msg name="site">Open the site</msg><msg name="trap">Trap</msg><msg name="fixed">Fixed</msg>
    <msg name="mood">Mood</msg><msg name="good">In good spirits</msg><msg name="flags">Repeats</msg>
    <msg name="memo">Memo</msg><msg name="table">Flock</msg><msg name="who">Who</msg><msg name="how">How</msg>
    <msg name="fresh">New key</msg><msg name="msg_renew">Renew</msg><msg name="hint_renew">Another hook</msg>
  </messages>
  <messages name="parrot.words">
    <msg name="title">Words</msg><msg name="id">No.</msg><msg name="word">Word</msg><msg name="status">State</msg>
    <msg name="known">Learned</msg><msg name="short_new">Add</msg><msg name="short_edit">Edit</msg>
    <msg name="short_delete">Forget</msg><msg name="hint_delete">Forget the selected words</msg>
    <msg name="short_filter">Filter</msg><msg name="short_refresh">Refresh</msg><msg name="short_all">Say all</msg>
    <msg name="short_top">Top</msg><msg name="msg_confirm_delete">Forget these words?</msg>
  </messages>
  <messages name="parrot.words.edit"><msg name="title">A word</msg><msg name="word">Word</msg></messages>
  <messages name="parrot.words.filter"><msg name="title">Filter</msg><msg name="word">Word</msg></messages>
  <messages name="ticket.edit"><msg name="ask">Ask the parrot</msg></messages>
  <messages name="ticket_all"><msg name="short_ask">Ask</msg></messages>
  <messages name="msgerror"><msg name="msg_error_parrot_mute">The parrot __object__ is mute: __why__</msg></messages>
</lang>
</mgrdata>
"""

HANDLER = """#!PYTHON -IS
import json, os, sys
import xml.etree.ElementTree as ET

doc = ET.fromstring(sys.stdin.read())
param = lambda name, default="": os.environ.get("PARAM_" + name, default)
with open("var/parrot.jsonl", "a") as file:
    seen = {k[6:]: v for k, v in os.environ.items() if k.startswith("PARAM_")}
    file.write(json.dumps(seen) + "\\n")


def put(tag, text="", parent=None, **attributes):
    node = ET.SubElement(doc if parent is None else parent, tag, attributes)
    node.text = text
    return node


def choices(name, *keys):
    found = put("slist", name=name)
    for key, depend in keys:
        put("val", key.title(), found, key=key, depend=depend)


def settings():
    address = param("address", "https://cage.example.com")
    put("address", "https://new.example.com" if param("sv_field") == "fresh" else address)
    put("key", "hidden-key")
    put("token", "hidden-token")
    put("talks", param("talks", "on"))
    put("fixed", "No. 5")
    put("mood", "good")
    put("mode", param("mode", "loud"))
    put("kind", param("kind", "zako"))
    put("flags", param("flags", "one, three"))
    put("memo", param("memo", "</textarea><b>bold</b>"))
    put("hook", "https://my.example.com/mancgi/parrot?secret")
    put("news", '<font color="#d32f2f">✗ <b>old</b></font>')
    put("site", "https://example.com/?a=1&b=2")
    put("trap", "javascript:alert(1)")
    choices("mode", ("loud", ""), ("quiet", ""))
    choices("kind", ("ara", ""), ("zako", ""))
    choices("sub", ("red", "ara"), ("blue", "ara"), ("grey", "zako"))
    choices("flags", ("one", ""), ("two", ""), ("three", ""))
    table = put("list", name="table")
    row = put("elem", "", table)
    put("who", "Polly", row)
    put("how", "good", row)
    if param("sv_field") == "address":
        doc.find("messages/msg[@name='hook']").text = "Hook of " + address
        doc.find("metadata/form/page/field[@name='hook']").append(ET.Element("textdata", name="extra"))
        put("extra", "added by the handler")


def words():
    wanted = [n for n in range(1, 121) if param("word") in ("", "word %d" % n)]
    size, number = int(param("p_cnt", "50")), int(param("p_num", "1"))
    for n in wanted[(number - 1) * size : number * size]:
        row = put("elem")
        put("id", str(n), row)
        put("word", "word %d" % n, row)
        put("status", "secret" if n == 2 else "known", row)
    put("p_num", str(number))
    put("p_cnt", str(size))
    put("p_elems", str(len(wanted)))


def fail(type, field, text="", **params):
    global doc
    doc = ET.Element("doc")
    error = put("error", type=type, object=field)
    for name, value in params.items():
        put("param", value, error, name=name)
    if text:
        put("msg", text, error)


func = param("func")
if func == "ticket.edit":
    if param("sok") != "ok":
        put("ask", "https://parrot.example.com/?q=" + param("elid"))
elif func == "parrot.settings" and param("sok") != "ok":
    settings()
elif func == "parrot.settings":
    if "mute" in param("address"):
        fail("parrot_mute", "address", why="tired")
    elif "burst" in param("address"):
        fail("xml", "cage", "The cage burst <b>")
    elif "die" in param("address"):
        sys.exit(3)
    elif "babble" in param("address"):
        doc = None
    else:
        put("ok")
elif func == "parrot.words":
    words()
elif func == "parrot.go":
    kind = param("kind")
    text = {"list": "func=parrot.words", "form": "func=parrot.words.edit&elid=7", "top": "", "url": "/mancgi/x?1",
            "blank": "https://example.com/", "evil": "javascript:alert(1)", "": ""}[kind]
    put("ok", text, **({"type": "url" if kind == "evil" else kind} if kind else {}))
elif func == "parrot.words.delete" and param("elid") == "9":
    fail("xml", "", "Nine stays")
elif param("sok") == "ok" or func in ("parrot.words.delete", "parrot.all"):
    put("ok")
sys.stdout.write("squawk" if doc is None else ET.tostring(doc, encoding="unicode"))
"""


def install(panel: Panel) -> None:
    """Put the plugin into the panel's tree."""
    for name in ("addon", "etc/xml", "skins/common/plugin-logo"):
        (panel.root / name).mkdir(parents=True, exist_ok=True)
    program = panel.root / "addon" / "parrot"
    program.write_text(HANDLER.replace("PYTHON", sys.executable), encoding="utf-8")
    program.chmod(0o750)
    (panel.root / "etc/xml/billmgr_mod_parrot.xml").write_text(DESCRIPTION, encoding="utf-8")
    (panel.root / "skins/common/plugin-logo/billmanager-plugin-parrot.png").write_bytes(b"\x89PNG")
