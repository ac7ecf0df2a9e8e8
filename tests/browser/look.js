// A look at a page: what it says, and what is wrong with its names, its order and its width. Answers an object.
() => {
  const wrong = [];
  const text = (node) => (node?.textContent || "").replace(/\s+/g, " ").trim();
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const named = (ids) => (ids || "").split(/\s+/).filter(Boolean).map((id) => {
    const node = document.getElementById(id);
    if (!node) wrong.push(`refers to #${id}, which is not there`);
    return text(node);
  }).join(" ").trim();

  // The name a screen reader gives a control: of its label, else of itself. A title alone is for a mouse only.
  const nameOf = (node) => {
    if (node.hasAttribute("aria-labelledby")) return named(node.getAttribute("aria-labelledby"));
    if (node.getAttribute("aria-label")) return node.getAttribute("aria-label").trim();
    if (node.labels?.length) return [...node.labels].map(text).join(" ").trim();
    return text(node) || (node.querySelector("img[alt]")?.alt || "").trim();
  };
  const what = (node) => node.outerHTML.slice(0, 120);
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=tab], [role=switch]";
  for (const node of document.querySelectorAll(controls)) {
    if (node.closest("[aria-hidden=true]")) continue;
    if (shown(node) && !nameOf(node)) wrong.push(`without a name: ${what(node)}`);
  }
  for (const node of document.querySelectorAll("[aria-describedby]")) named(node.getAttribute("aria-describedby"));
  for (const node of document.querySelectorAll("img:not([alt])")) wrong.push(`a picture without words: ${what(node)}`);
  for (const node of document.querySelectorAll("fieldset")) {
    if (!text(node.querySelector("legend"))) wrong.push(`a group without a name: ${what(node)}`);
  }

  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) wrong.push(`twice: #${id}`);

  const headings = [...document.querySelectorAll("h1, h2, h3, h4")].filter((node) => !node.closest(".text"));
  if (headings.filter((node) => node.tagName === "H1").length !== 1) wrong.push("not exactly one h1");
  const main = document.querySelectorAll("main");
  if (main.length !== 1) wrong.push("not exactly one main");
  let level = 1;
  for (const node of headings.filter((one) => main[0]?.contains(one))) {
    const own = Number(node.tagName[1]);
    if (own > level + 1) wrong.push(`after h${level} comes h${own}: ${text(node)}`);
    level = own;
  }
  if (!document.title.trim()) wrong.push("no title");

  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) {
    const out = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1);
    wrong.push(`${wide} px wider than the window: ${out.slice(0, 3).map(what).join(" | ")}`);
  }
  // Fingers need room: a line's height for links in the text, more for what stands alone.
  if (innerWidth < 500) {
    for (const node of document.querySelectorAll("button, select, .button, textarea")) {
      const box = node.getBoundingClientRect();
      if (shown(node) && box.width > 2 && (box.height < 24 || box.width < 24)) wrong.push(`too small for a finger: ${what(node)}`);
    }
  }

  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest("script, style") && node.nodeValue.trim()) texts.push(text(node));
  }
  for (const node of document.querySelectorAll("[title], [placeholder], [aria-label]")) {
    for (const name of ["title", "placeholder", "aria-label"]) if (node.getAttribute(name)) texts.push(node.getAttribute(name));
  }
  const labels = "label, legend, th, h1, h2, button, .hint, nav a, dt, summary, .label, [role=tab], .state, .kind";
  return {
    wrong, texts, lang: document.documentElement.lang,
    labels: [...document.querySelectorAll(labels)].filter((node) => !node.querySelector("label")).map(text).filter(Boolean),
  };
}
