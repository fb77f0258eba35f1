/* Body map: tapping a region of the picture toggles its checkbox, and the picture follows the checkboxes.
   Without this module the checkbox list works alone. Markup: web/parts/body_map.html ([data-bodymap]). */

const escaped = (value) => CSS.escape(value);

function shade(root, checkbox) {
  const intensity = root.querySelector(`[data-intensity="${escaped(checkbox.value)}"]`);
  const heat = Math.ceil(Number(intensity?.value || 0) / 2);
  for (const path of root.querySelectorAll(`[data-region="${escaped(checkbox.value)}"]`)) {
    if (checkbox.checked) path.dataset.heat = String(Math.max(heat, 1));
    else delete path.dataset.heat;
  }
}

function wire(root) {
  const boxes = [...root.querySelectorAll('input[name="region"]')];
  const byValue = new Map(boxes.map((box) => [box.value, box]));
  boxes.forEach((box) => shade(root, box));

  root.addEventListener("change", (event) => {
    const value = event.target.name === "region" ? event.target.value : event.target.dataset.intensity;
    if (byValue.has(value)) shade(root, byValue.get(value));
  });

  root.addEventListener("click", (event) => {
    const path = event.target.closest("[data-region]");
    const box = path && byValue.get(path.dataset.region);
    if (!box) return;
    box.checked = !box.checked;
    if (box.checked) {
      const area = box.closest("details");
      if (area) area.open = true;
    }
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

document.querySelectorAll("[data-bodymap]").forEach(wire);
document.addEventListener("htmx:load", (event) => event.detail.elt.querySelectorAll("[data-bodymap]").forEach(wire));
