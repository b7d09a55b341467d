// Filters, search and keys. The choice is kept behind the '#' of the address, so a link shows the same again.
(function () {
  "use strict";
  var KINDS = ["error", "warning", "note", "open"];
  // What can be chosen besides the filters: links of the matrix, and boxes of the drawing that have findings.
  var LINKS = "#matrix a, #bases [data-service][tabindex]";
  var form = document.getElementById("filters");
  var matrix = document.querySelector("table.matrix");
  var came = null;

  function all(selector, root) {
    return Array.prototype.slice.call((root || document).querySelectorAll(selector));
  }
  function part(id) { return document.getElementById(id); }
  function data(element, name) { return element.getAttribute("data-" + name) || ""; }
  function numeral(count) { return String(count).replace(/\B(?=(\d{3})+$)/g, ","); }

  // What a search looks through is read once, when somebody searches.
  var groups = all(".group").map(function (element) {
    return { element: element, count: element.querySelector("h3 small"), shown: 0, size: 0, list: element.parentNode };
  });
  var entries = [];
  groups.forEach(function (group) {
    all("article", group.element).forEach(function (element) {
      entries.push({
        element: element, group: group, kind: data(element, "kind"), rule: data(element, "rule"),
        service: data(element, "service"), text: null, shown: true
      });
      group.size += 1;
    });
  });

  function blank() { return { q: "", service: "", rule: "", kinds: KINDS.slice() }; }
  var state = blank();

  function is_blank() { return !state.q && !state.service && !state.rule && state.kinds.length === KINDS.length; }

  // The address, read and written.
  function read() {
    var next = blank();
    location.hash.slice(1).split("&").forEach(function (pair) {
      var at = pair.indexOf("="), value;
      if (at < 0) { return; }
      try { value = decodeURIComponent(pair.slice(at + 1)); } catch (error) { return; }
      switch (pair.slice(0, at)) {
        case "q": next.q = value; break;
        case "service": next.service = value; break;
        case "rule": next.rule = value; break;
        case "severity":
          next.kinds = KINDS.filter(function (kind) { return value.split(",").indexOf(kind) >= 0; });
      }
    });
    return next;
  }
  function fragment() {
    var parts = [];
    if (state.service) { parts.push("service=" + encodeURIComponent(state.service)); }
    if (state.rule) { parts.push("rule=" + encodeURIComponent(state.rule)); }
    if (state.kinds.length < KINDS.length) { parts.push("severity=" + (state.kinds.join(",") || "none")); }
    if (state.q) { parts.push("q=" + encodeURIComponent(state.q)); }
    return parts.join("&");
  }
  function remember(push) {
    var address = "#" + fragment();
    if (address === (location.hash || "#")) { return; }
    history[push ? "pushState" : "replaceState"](null, "", address);
  }

  // What is shown.
  function matches(entry, words) {
    if (state.rule && entry.rule !== state.rule) { return false; }
    if (state.service && entry.service !== state.service) { return false; }
    if (state.kinds.indexOf(entry.kind) < 0) { return false; }
    if (words.length && entry.text === null) {
      entry.text = (entry.rule + " " + entry.service + " " + entry.element.textContent).toLowerCase();
    }
    return words.every(function (word) { return entry.text.indexOf(word) >= 0; });
  }
  function show() {
    var words = state.q.toLowerCase().split(/\s+/).filter(Boolean), shown = 0, lists = [];
    groups.forEach(function (group) { group.shown = 0; });
    entries.forEach(function (entry) {
      var fits = matches(entry, words);
      if (fits) { shown += 1; entry.group.shown += 1; }
      if (fits !== entry.shown) { entry.shown = fits; entry.element.hidden = !fits; }
    });
    groups.forEach(function (group) {
      group.element.hidden = group.shown === 0;
      group.count.textContent = group.shown === group.size ? group.size : group.shown + " of " + group.size;
      if (lists.indexOf(group.list) < 0) { lists.push(group.list); group.list.hidden = true; }
      if (group.shown > 0) { group.list.hidden = false; }
    });
    part("count").textContent = numeral(shown) + " of " + numeral(entries.length) + " shown";
    part("nothing").hidden = shown > 0;
    part("clear").disabled = is_blank();
    controls();
  }
  function controls() {
    if (part("q").value !== state.q) { part("q").value = state.q; }
    choose(part("service"), state.service);
    choose(part("rule"), state.rule);
    all(".kinds button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(state.kinds.indexOf(data(button, "kind")) >= 0));
    });
    all(LINKS).forEach(function (link) {
      var chosen = (state.rule || state.service) && data(link, "rule") === state.rule && data(link, "service") === state.service;
      if (chosen) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); }
    });
  }
  function choose(select, value) {
    if (value && !select.querySelector("option[value=\"" + value.replace(/["\\]/g, "\\$&") + "\"]")) { option(select, value, value); }
    if (select.value !== value) { select.value = value; }
  }
  function option(select, value, text) {
    var element = document.createElement("option");
    element.value = value;
    element.textContent = text;
    select.appendChild(element);
  }
  function fill(select, key) {
    var counts = Object.create(null);
    entries.forEach(function (entry) { counts[entry[key]] = (counts[entry[key]] || 0) + 1; });
    Object.keys(counts).sort().forEach(function (value) { option(select, value, value + " (" + counts[value] + ")"); });
  }
  function clear() {
    state = blank();
    remember(true);
    show();
  }

  // A service, a rule or both, chosen in the matrix or the drawing.
  function pick(link) {
    state = blank();
    state.service = data(link, "service");
    state.rule = data(link, "rule");
    came = link;
    remember(true);
    show();
    var title = document.querySelector(".list:not([hidden]) h2") || part("filters");
    title.focus({ preventScroll: true });
    form.scrollIntoView();
  }
  function picked(event) {
    var link = event.target.closest ? event.target.closest(LINKS) : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    event.preventDefault();
    pick(link);
  }

  // Arrows go from link to link of the matrix; the tab key goes past it.
  function links() {
    return all("tr", matrix).filter(function (row) { return row.offsetParent !== null; }).map(function (row) {
      return all("a", row).map(function (link) { return { link: link, column: link.parentNode.cellIndex }; });
    }).filter(function (row) { return row.length > 0; });
  }
  function stand(link) {
    all("a[tabindex=\"0\"]", matrix).forEach(function (other) { other.tabIndex = -1; });
    link.tabIndex = 0;
  }
  function step(event) {
    var here = event.target.closest("a"), rows, at, column, row, next = null;
    if (!here || event.ctrlKey || event.metaKey || event.altKey) { return; }
    rows = links();
    at = rows.findIndex(function (list) { return list.some(function (it) { return it.link === here; }); });
    if (at < 0) { return; }
    row = rows[at];
    column = row.findIndex(function (it) { return it.link === here; });
    function below(list) { return list.filter(function (it) { return it.column === row[column].column; })[0]; }
    switch (event.key) {
      case "ArrowRight": next = row[column + 1]; break;
      case "ArrowLeft": next = row[column - 1]; break;
      case "Home": next = row[0]; break;
      case "End": next = row[row.length - 1]; break;
      case "ArrowDown": next = rows.slice(at + 1).map(below).filter(Boolean)[0]; break;
      case "ArrowUp": next = rows.slice(0, at).reverse().map(below).filter(Boolean)[0]; break;
      default: return;
    }
    event.preventDefault();
    if (next) { stand(next.link); next.link.focus(); next.link.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }

  // A box without a service is a base image, which has a row of its own name.
  function boxes() {
    var there = Object.create(null), drawing = document.querySelector("#bases svg");
    entries.forEach(function (entry) { there[entry.service] = true; });
    all("#bases [data-name]").forEach(function (box) {
      var service = data(box, "service") || data(box, "name");
      if (!there[service]) { box.removeAttribute("tabindex"); return; }
      box.setAttribute("data-service", service);
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "link");
    });
    if (drawing) { drawing.setAttribute("role", "group"); }
  }

  function copying() {
    all("code.command").forEach(function (code) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", "Copy " + code.textContent);
      code.parentNode.insertBefore(button, code.nextSibling);
    });
  }
  function copy(button) {
    var code = button.previousElementSibling, range = document.createRange(), selection = window.getSelection();
    function done(word) {
      button.textContent = word;
      window.setTimeout(function () { button.textContent = "Copy"; }, 1500);
    }
    range.selectNodeContents(code);
    selection.removeAllRanges();
    selection.addRange(range);
    if (!navigator.clipboard) { done(document.execCommand("copy") ? "Copied" : "Selected"); return; }
    navigator.clipboard.writeText(code.textContent).then(function () { done("Copied"); }, function () { done("Selected"); });
  }

  function keys(event) {
    var tag = event.target.tagName;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "/" && tag !== "INPUT" && tag !== "SELECT") {
      event.preventDefault();
      form.scrollIntoView();
      part("q").focus();
      part("q").select();
    } else if (event.key === "Escape" && !is_blank()) {
      event.preventDefault();
      clear();
      if (came && tag !== "INPUT" && tag !== "SELECT") { came.focus(); }
      came = null;
    } else if (event.key === "Enter" && event.target.closest && event.target.closest("#bases")) {
      picked(event);
    }
  }

  if (!form) { return; }
  fill(part("service"), "service");
  fill(part("rule"), "rule");
  copying();
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  part("q").addEventListener("input", function () { state.q = part("q").value; remember(false); show(); });
  ["service", "rule"].forEach(function (key) {
    part(key).addEventListener("change", function () { state[key] = part(key).value; remember(true); show(); });
  });
  all(".kinds button").forEach(function (button) {
    button.addEventListener("click", function () {
      var kind = data(button, "kind");
      state.kinds = KINDS.filter(function (other) { return (state.kinds.indexOf(other) >= 0) !== (other === kind); });
      remember(true);
      show();
    });
  });
  part("clear").addEventListener("click", function () { clear(); part("q").focus(); });
  document.addEventListener("click", function (event) {
    if (event.target.className === "copy") { copy(event.target); } else { picked(event); }
  });
  document.addEventListener("keydown", keys);
  window.addEventListener("popstate", function () { state = read(); show(); });
  if (matrix) {
    matrix.setAttribute("role", "grid");
    all("a", matrix).forEach(function (link, at) { link.tabIndex = at === 0 ? 0 : -1; });
    matrix.addEventListener("keydown", step);
    matrix.addEventListener("focusin", function (event) { if (event.target.tagName === "A") { stand(event.target); } });
  }
  boxes();
  state = read();
  show();
}());
