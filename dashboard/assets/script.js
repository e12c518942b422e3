/**
 * Makes pages that work without it better: shows times in the viewer's zone, refreshes fragments,
 * copies to the clipboard. It asks this server only, for the page's own address.
 */

const all = (root, selector) => root.querySelectorAll(selector);

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Shows moments in the viewer's zone, and in UTC on hover. Of a distance both are on hover. */
const showTimes = (root) => {
  for (const time of all(root, "time[datetime]")) {
    const utc = time.title;
    const here = local.format(new Date(time.dateTime));
    if ("away" in time.dataset) time.title = `${here} (${utc})`;
    else time.textContent = here;
  }
};

/** Copies the text of what a button names, and says so on the button. */
const copy = async (button) => {
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
};

const prepare = (root) => {
  showTimes(root);
  for (const button of all(root, "[data-copy]")) button.hidden = false;
};

/** Whether the viewer is busy in a part of the page, which is then left as it is. */
const isInUse = (element) =>
  element.contains(document.activeElement) ||
  (!document.getSelection().isCollapsed && element.contains(document.getSelection().anchorNode));

/** What the server sent, before times were shown in the viewer's zone: to see whether it changed. */
const sent = new Map();

/** Replaces a part by its new state. Details that are open stay open. */
const replace = (old, fresh) => {
  const { fragment } = old.dataset;
  const text = fresh.innerHTML;
  if (sent.get(fragment) === text || isInUse(old)) return;
  sent.set(fragment, text);
  for (const { id } of all(old, "details[open][id]"))
    fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  prepare(fresh);
  // The element itself stays: a screen reader speaks of changes in one that it knows.
  old.replaceChildren(...fresh.childNodes);
};

const refresh = async () => {
  if (document.hidden) return;
  const headers = { "x-postrider-refresh": "1" };
  const answer = await fetch(location.href, { headers, redirect: "manual" });
  if (answer.type === "opaqueredirect") {
    document.querySelector("[data-ended]").hidden = false;
    return false;
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of all(document, "[data-fragment]")) {
    const part = fresh.querySelector(`[data-fragment="${old.dataset.fragment}"]`);
    if (part) replace(old, document.adoptNode(part));
  }
};

/** Refreshes until the session has ended. What cannot be reached is asked again the next time. */
const keepFresh = (everyMs) =>
  setTimeout(async () => {
    const goesOn = await refresh().catch(() => true);
    if (goesOn !== false) keepFresh(everyMs);
  }, everyMs);

for (const part of all(document, "[data-fragment]"))
  sent.set(part.dataset.fragment, part.innerHTML);
prepare(document);
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-copy]");
  if (button) copy(button);
});
for (const field of all(document, "[data-select]"))
  field.addEventListener("focus", () => field.select());
document.querySelector("form[data-submit]")?.submit();
const seconds = Number(document.body.dataset.refresh);
if (seconds > 0) keepFresh(seconds * 1000);
