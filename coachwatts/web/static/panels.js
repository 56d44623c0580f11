// One panel of the entrance at a time; the address's fragment says which, so that Back works.

const all = () => [...document.querySelectorAll("[data-panel]")];

export function turnTo(name) {
  for (const panel of all()) panel.hidden = panel.dataset.panel !== name;
  const panel = all().find((each) => each.dataset.panel === name);
  (panel?.querySelector("input") ?? panel?.querySelector("h2"))?.focus();
}

export function follow() {
  const reachable = new Set([...document.querySelectorAll('a[href^="#"]')].map((link) => link.hash.slice(1)));
  const turn = () => {
    const name = location.hash.slice(1);
    if (reachable.has(name) && all().some((panel) => panel.dataset.panel === name)) turnTo(name);
    else if (!name) turnTo("sign-in");
  };
  window.addEventListener("hashchange", turn);
  if (location.hash) turn();
}
