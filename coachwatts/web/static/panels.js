// One panel of the entrance at a time; the address's fragment says which, so that Back works.

const panels = [...document.querySelectorAll("[data-panel]")];

export function open(name) {
  for (const panel of panels) panel.hidden = panel.dataset.panel !== name;
  const panel = panels.find((each) => each.dataset.panel === name);
  (panel?.querySelector("input") ?? panel?.querySelector("h2"))?.focus();
}

export function follow() {
  if (!panels.length) return;
  const linked = new Set([...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1)));
  const turn = () => {
    const name = location.hash.slice(1);
    if (linked.has(name) && panels.some((panel) => panel.dataset.panel === name)) open(name);
    else if (!name) open("sign-in");
  };
  window.addEventListener("hashchange", turn);
  if (location.hash) turn();
}
