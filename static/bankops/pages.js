// A form is sent once: a second click while the first is under way does nothing. The server holds the same for money
// (idempotency keys); here it spares people two answers. Coming back with the browser's button makes the form usable again.
document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// The theme hides every page until its scripts have run, and by then the browser may have given up on `autofocus`.
document.addEventListener("alpine:initialized", () => setTimeout(() => {
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
}));

// The theme's drop-downs ("More") open by mouse only. Here the keyboard reaches and opens them, and lands in the list.
document.addEventListener("alpine:initialized", () => {
    document.querySelectorAll("a[x-on\\:click]:not([href])").forEach((toggle) => {
        toggle.tabIndex = 0;
        toggle.role = "button";
    });
});
document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches("a[role=button]:not([href])")) return;
    event.preventDefault();
    event.target.click();
    setTimeout(() => [...document.querySelectorAll("body > nav a")].find((item) => item.offsetParent)?.focus(), 100);
});
