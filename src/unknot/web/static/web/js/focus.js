/* Moves the focus to the error summary of a form that came back (WCAG 3.3.1): [data-focus], once, on load. */

document.querySelector("[data-focus]")?.focus();
