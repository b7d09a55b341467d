"""Uses HTML reports as a reader does, in headless Chromium. Arguments: program, folder with the reports, folder for pictures.

Every failure is a line; ends with 1 when there is one.
"""

import json
import os
import sys
import tempfile

from devtools import Chromium, Wrong

# What a reader sees: the findings that are not hidden, nor in anything that is.
SHOWN = "Array.prototype.filter.call(document.querySelectorAll('article'), function (it) { return !it.closest('[hidden]'); })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

failed = []


def holds(name, is_true, saw=""):
    """One promise of the page."""
    if not is_true:
        failed.append(name)
        print(f"wrong: {name}" + (f": {saw}" if saw != "" else ""))


def same(name, got, expected):
    """One promise with its value."""
    holds(name, got == expected, f"{got!r} instead of {expected!r}")


class Reader:
    """Somebody with a report."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder
        self.run = browser.run

    def address(self, name, fragment=""):
        return "file://" + os.path.abspath(os.path.join(self.folder, name + ".html")) + fragment

    def open(self, name, fragment="", width=1280, height=900, **look):
        self.browser.look(width, height, **look)
        self.browser.open(self.address(name, fragment))

    def shown(self):
        return self.run(f"{SHOWN}.length")

    def all_shown(self, condition):
        return self.run(f"{SHOWN}.every(function (it) {{ return {condition}; }})")

    def count(self):
        return self.run("document.getElementById('count').textContent")

    def hash(self):
        return self.run("location.hash")

    def focus(self):
        return self.run("document.activeElement.id || document.activeElement.tagName")

    def is_quiet(self, name):
        said = self.browser.complaints()
        holds(f"{name}: nothing to complain about", not said, "; ".join(said[:5]))


def matrix(reader):
    """Cells, row heads and column heads choose what they stand for."""
    reader.open("broken")
    every = reader.shown()
    holds("the broken fleet has findings", every > 50, every)
    same("everything is shown at first", reader.count(), f"{every} of {every} shown")
    cell = reader.run(
        "(function () { var it = document.querySelector('table.matrix td a'); return [it.dataset.service, it.dataset.rule]; }())"
    )
    reader.browser.click("table.matrix td a")
    chosen = f"it.dataset.service === {json.dumps(cell[0])} && it.dataset.rule === {json.dumps(cell[1])}"
    holds("a cell shows its findings", 0 < reader.shown() < every and reader.all_shown(chosen), reader.count())
    holds("a cell is in the address", "service=" in reader.hash() and "rule=" in reader.hash(), reader.hash())
    same("the chosen cell is marked", reader.run("document.querySelectorAll('table.matrix [aria-current]').length"), 1)
    same("the service is chosen in its list", reader.run("document.getElementById('service').value"), cell[0])
    same("every finding of the cell is there", reader.shown(), reader.run(
        f"Array.prototype.filter.call(document.querySelectorAll('article'), function (it) {{ return {chosen}; }}).length"
    ))
    reader.browser.key("Escape")
    same("escape shows everything", (reader.shown(), reader.hash()), (every, ""))
    holds("escape leads back to the cell", reader.run("document.activeElement.matches('table.matrix td a')"))
    reader.browser.click("table.matrix thead a")
    rule = reader.run("document.querySelector('table.matrix thead a').dataset.rule")
    holds("a column shows its rule", reader.all_shown(f"it.dataset.rule === {json.dumps(rule)}") and 0 < reader.shown() < every)
    reader.run("history.back()")
    reader.run("new Promise(function (done) { setTimeout(done, 300); })")
    same("going back shows what was there", reader.shown(), every)
    reader.browser.click("table.matrix tbody tr:not(.kind) th a")
    holds("a row shows its service", reader.all_shown(f"it.dataset.service === {json.dumps(cell[0])}") and 0 < reader.shown() < every)
    reader.browser.key("Escape")
    sums = reader.run(
        "Array.prototype.reduce.call(document.querySelectorAll('table.matrix thead b'),"
        " function (sum, it) { return sum + Number(it.textContent); }, 0)"
    )
    same("the columns hold every finding", sums, every)
    rows = "Array.prototype.filter.call(document.querySelectorAll('tr.clean'), function (it) { return it.offsetParent; }).length"
    same("clean rows are put away", reader.run(rows), 0)
    reader.browser.click("#clean")
    holds("clean rows come when asked for", reader.run(rows) > 5, reader.run(rows))
    reader.is_quiet("matrix")


def filters(reader):
    """Search, severities, lists, the button and the address."""
    reader.open("broken")
    every = reader.shown()
    reader.browser.key("/")
    same("a slash leads to the search", reader.focus(), "q")
    reader.browser.type("root")
    found = reader.shown()
    holds("a search shows what has the word", 0 < found < every and reader.all_shown("/root/i.test(it.dataset.rule + it.textContent)"))
    same("a search counts", reader.count(), f"{found} of {every} shown")
    reader.browser.type(" zzzz")
    holds("a search without a match says so", reader.shown() == 0 and not reader.run("document.getElementById('nothing').hidden"))
    same("the search is in the address", reader.hash(), "#q=root%20zzzz")
    reader.browser.key("Escape")
    same("escape clears the search", (reader.shown(), reader.run("document.getElementById('q').value")), (every, ""))
    kinds = reader.run("Array.prototype.map.call(document.querySelectorAll('.kinds button'), function (it) { return it.dataset.kind; })")
    holds("there are several severities", len(kinds) > 1, kinds)
    left = every
    for kind in kinds:
        of_kind = reader.run(f"document.querySelectorAll('article[data-kind={kind}]').length")
        reader.browser.click(f".kinds [data-kind={kind}]")
        left -= of_kind
        same(f"without {kind}", (reader.shown(), reader.run(f"document.querySelector('.kinds [data-kind={kind}]').ariaPressed")), (left, "false"))
        holds(f"no {kind} is shown", reader.all_shown(f"it.dataset.kind !== '{kind}'"))
    reader.browser.click("#clear")
    same("the button clears", (reader.shown(), reader.focus()), (every, "q"))
    reader.run(
        "(function () { var it = document.getElementById('rule'); it.selectedIndex = 1; it.dispatchEvent(new Event('change')); }())"
    )
    chosen = reader.run("document.getElementById('rule').value")
    holds("the list of rules chooses", reader.all_shown(f"it.dataset.rule === {json.dumps(chosen)}") and 0 < reader.shown() < every)
    address = reader.hash()
    reader.open("broken", address)
    holds("an address shows the same again", reader.all_shown(f"it.dataset.rule === {json.dumps(chosen)}") and 0 < reader.shown() < every)
    same("an address chooses in the list", reader.run("document.getElementById('rule').value"), chosen)
    reader.open("broken", "#severity=error&q=%3Cscript%3E&service=%22%5D%3B%27&rule=%E0%A4%A&x=1")
    same("an address of somebody else does nothing but filter", reader.shown(), 0)
    reader.browser.key("Escape")
    same("and is cleared", reader.shown(), every)
    reader.is_quiet("filters")


def keyboard(reader):
    """Everything is reached without a pointer."""
    reader.open("broken")
    every = reader.shown()
    for _ in range(8):
        reader.browser.key("Tab")
        if reader.run("document.activeElement.matches('table.matrix a')"):
            break
    holds("the tab key leads into the matrix", reader.run("document.activeElement.matches('table.matrix thead a')"))
    same("the matrix is one stop", reader.run("document.querySelectorAll('table.matrix a[tabindex=\"0\"]').length"), 1)
    reader.browser.key("ArrowDown")
    holds("down leads to a cell of the same rule", reader.run("document.activeElement.matches('table.matrix td a')"))
    reader.browser.key("Home")
    holds("home leads to the head of the row", reader.run("document.activeElement.matches('table.matrix tbody th a')"))
    reader.browser.key("ArrowRight")
    holds("right leads to the first cell", reader.run("document.activeElement.matches('table.matrix td a')"))
    holds("the focus is seen", reader.run("getComputedStyle(document.activeElement).outlineStyle") == "solid")
    said = reader.run("document.activeElement.getAttribute('aria-label')")
    reader.browser.key("Enter")
    holds("enter chooses", 0 < reader.shown() < every, said)
    same("the focus stands at the findings", reader.focus(), "H2")
    reader.browser.key("Escape")
    same("escape leads back", reader.run("document.activeElement.getAttribute('aria-label')"), said)
    reader.browser.key("Tab")
    holds("the tab key leaves the matrix", not reader.run("document.activeElement.matches('table.matrix a')"))
    unnamed = reader.run(
        "Array.prototype.filter.call(document.querySelectorAll('a, button, input, select'), function (it) {"
        " return !(it.textContent.trim() || it.ariaLabel || (it.labels && it.labels.length)); }).length"
    )
    same("every control has a name", unnamed, 0)
    same("the count is announced", reader.run("document.getElementById('count').getAttribute('role')"), "status")
    reader.browser.click(".copy")
    reader.run("new Promise(function (done) { setTimeout(done, 100); })")
    holds("a command is copied or selected", reader.run("document.querySelector('.copy').textContent") in ("Copied", "Selected"))
    reader.is_quiet("keyboard")


def bases(reader):
    """The drawing of the base images chooses too."""
    reader.open("broken")
    if not reader.run("!!document.querySelector('#bases svg [data-name]')"):
        print("the drawing of the base images has no boxes to choose")
        return
    every = reader.shown()
    reader.run("document.querySelector('#bases details').open = true")
    nodes = reader.run(
        "(function () { var there = {}; document.querySelectorAll('article').forEach(function (it) { there[it.dataset.service] = 1; });"
        " return Array.prototype.filter.call(document.querySelectorAll('#bases [data-service]'),"
        " function (it) { return there[it.dataset.service]; }).map(function (it) { return it.dataset.service; }); }())"
    )
    holds("boxes of the drawing have findings", len(nodes) > 3, nodes)
    if not nodes:
        return
    reader.browser.click(f"#bases [data-service={json.dumps(nodes[0])}]")
    holds("a node shows its findings", reader.all_shown(f"it.dataset.service === {json.dumps(nodes[0])}") and 0 < reader.shown() < every)
    reader.is_quiet("bases")


def sizes(reader, pictures):
    """No page scrolls sideways, in light and dark; pictures are taken."""
    names = [name[:-5] for name in sorted(os.listdir(reader.folder)) if name.endswith(".html") and name != "many.html"]
    for name in names:
        for width, height, dark in ((1280, 900, False), (1280, 900, True), (360, 740, False), (320, 640, True)):
            reader.open(name, width=width, height=height, dark=dark, mobile=width < 500)
            over = reader.run(OVERFLOW)
            holds(f"{name}: nothing sticks out at {width}", over <= 0, over)
            ground = reader.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            holds(f"{name}: {'dark' if dark else 'light'} is what it is", (sum(ground[:3]) < 200) == dark, ground)
            small = reader.run(
                "Array.prototype.filter.call(document.querySelectorAll('button, .matrix a, select, input[type=search]'), function (it) {"
                " var box = it.getBoundingClientRect(); return box.width && (box.width < 24 || box.height < 24); }).length"
            )
            same(f"{name}: nothing is too small for a finger at {width}", small, 0)
            reader.is_quiet(f"{name} at {width}")
            if width != 320:
                kind = "phone" if width < 500 else "dark" if dark else "light"
                reader.browser.picture(os.path.join(pictures, f"{name}-{kind}.png"))
                reader.browser.picture(os.path.join(pictures, f"{name}-{kind}-whole.png"), whole=True)


def without_script(reader):
    """Everything but the filters is there without the script."""
    reader.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    reader.open("broken")
    reader.browser.call("Emulation.setScriptExecutionDisabled", value=False)
    holds("the filters are hidden without a script", reader.run("document.getElementById('filters').hidden"))
    holds("the findings are there without a script", reader.shown() > 50)
    gone = reader.run(
        "Array.prototype.filter.call(document.querySelectorAll('a'), function (it) {"
        " return it.getAttribute('href')[0] !== '#' || !document.getElementById(it.getAttribute('href').slice(1)); }).length"
    )
    same("every link leads somewhere in the page", gone, 0)


def hostile(reader):
    """What input says is text, and a script of somebody else does not run."""
    reader.open("hostile")
    holds("the hostile page has findings", reader.shown() > 0)
    same("nothing of the input is an element", reader.run("document.querySelectorAll('main script, img, iframe, main style').length"), 0)
    same("nothing of the input ran", reader.run("String(window.owned)"), "undefined")
    reader.is_quiet("hostile")
    reader.run(
        "(function () { var it = document.createElement('script'); it.textContent = 'window.owned = 1';"
        " document.body.appendChild(it); document.body.setAttribute('onclick', 'window.owned = 2'); document.body.click(); }())"
    )
    same("the policy lets no other script run", reader.run("String(window.owned)"), "undefined")


def speed(reader):
    """Five thousand findings are filtered while somebody types."""
    reader.open("many")
    entries = reader.run("document.querySelectorAll('article').length")
    holds("the long report is long", entries >= 5000, entries)
    times = reader.run(
        "['p', 'pk', 'pkg-4', ''].map(function (text) { var it = document.getElementById('q'), from = performance.now();"
        " it.value = text; it.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - from; })"
    )
    print(f"{entries} findings are filtered in {', '.join(f'{time:.0f}' for time in times)} ms")
    holds("a letter takes less than two seconds on a busy machine", max(times) < 2000, times)
    reader.is_quiet("speed")


def main():
    program, folder, pictures = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as profile:
        browser = Chromium(program, profile)
        try:
            reader = Reader(browser, folder)
            for part in (matrix, filters, keyboard, bases, without_script, hostile, speed):
                try:
                    part(reader)
                except Wrong as error:
                    holds(part.__name__, False, error)
            sizes(reader, pictures)
        finally:
            browser.close()
    print(f"{len(failed)} promises of the page are broken" if failed else "the page keeps its promises")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
