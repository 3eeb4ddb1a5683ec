// The editor of rules: what may come next, what is wrong and where, and the rule in words, while somebody writes.
// Without it the page works as well: the same is told after sending. All texts come from the server.

const WAIT_MS = 250;
const SHOWN = 200; // suggestions; the list scrolls

class RuleEditor {
    constructor(root) {
        this.root = root;
        this.field = root.querySelector("textarea");
        this.token = root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
        this.asked = 0;
        this.build();
        this.field.addEventListener("input", () => this.changed(true));
        this.field.addEventListener("keydown", (event) => this.key(event));
        this.field.addEventListener("scroll", () => this.follow());
        this.field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
        new ResizeObserver(() => this.follow()).observe(this.field);
        root.querySelector("[data-server]")?.remove();
        this.draw([]);
        if (this.field.value.trim()) this.changed(false);
    }

    // The text stands once more behind the field, letter by letter in the same place: that is what gets underlined.
    build() {
        this.frame = this.element("div", "bk-editor__frame");
        this.field.before(this.frame);
        this.mirror = this.element("div", "bk-editor__mirror", this.frame);
        this.mirror.setAttribute("aria-hidden", "true");
        this.frame.append(this.field);
        this.field.classList.add("bk-editor__text");
        this.list = this.element("ul", "bk-editor__list", this.frame);
        this.list.id = `${this.field.id}_suggestions`;
        this.list.setAttribute("role", "listbox");
        this.list.hidden = true;
        this.told = this.element("div", "bk-editor__told", this.root);
        this.told.setAttribute("aria-live", "polite");
        this.field.setAttribute("aria-controls", this.list.id);
        this.field.setAttribute("aria-autocomplete", "list");
    }

    element(tag, name, parent) {
        const made = document.createElement(tag);
        made.className = name;
        parent?.append(made);
        return made;
    }

    changed(complete) {
        this.draw([]); // what was underlined may have moved
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.ask(complete), WAIT_MS);
    }

    async ask(complete) {
        const number = ++this.asked, condition = this.field.value;
        const body = new URLSearchParams({ condition });
        if (complete) body.set("position", [...condition.slice(0, this.field.selectionStart)].length);
        let answer;
        try {
            const response = await fetch(this.root.dataset.assist, {
                method: "POST", body, headers: { "X-CSRFToken": this.token, Accept: "application/json" },
            });
            if (!response.ok) return; // signed out, or the server is away: sending the form tells
            answer = await response.json();
        } catch {
            return;
        }
        if (number !== this.asked || condition !== this.field.value) return;
        this.draw(answer.problems);
        this.tell(answer);
        if (complete) this.offer(answer.suggestions);
    }

    draw(problems) {
        const letters = [...this.field.value];
        this.mirror.replaceChildren();
        let done = 0;
        for (const { position, length } of problems) {
            const start = Math.max(done, position), end = Math.max(start, position + (length || 1));
            this.mirror.append(letters.slice(done, start).join(""));
            this.element("span", "bk-wrong-here", this.mirror).textContent = letters.slice(start, end).join("") || "\u00a0";
            done = end;
        }
        this.mirror.append(letters.slice(done).join("") + "\n");
        this.follow();
    }

    follow() {
        this.mirror.style.width = `${this.field.clientWidth}px`;
        this.mirror.style.height = `${this.field.clientHeight}px`;
        this.mirror.scrollTop = this.field.scrollTop;
    }

    tell({ problems, words }) {
        this.told.replaceChildren();
        if (!this.field.value.trim()) return;
        if (words) {
            const text = this.element("p", "bk-editor__words", this.told);
            text.textContent = `✓ ${this.root.dataset.hitsWhen} ${words}.`;
        }
        for (const problem of problems) {
            const line = this.element("p", "bk-wrong", this.told);
            const place = this.element("button", "bk-link", line);
            place.type = "button";
            place.textContent = `${this.root.dataset.line} ${problem.line}, ${this.root.dataset.column} ${problem.column}:`;
            place.addEventListener("click", () => this.goTo(problem));
            line.append(` ${problem.message} ${problem.hint}`);
        }
    }

    goTo({ position, length }) {
        const letters = [...this.field.value], units = (count) => letters.slice(0, count).join("").length;
        this.field.focus();
        this.field.setSelectionRange(units(position), units(position + length));
    }

    offer(suggestions) {
        this.suggestions = suggestions.slice(0, SHOWN);
        this.list.replaceChildren();
        if (!this.suggestions.length) return this.close();
        this.suggestions.forEach((one, place) => {
            const item = this.element("li", "", this.list);
            item.id = `${this.list.id}_${place}`;
            item.setAttribute("role", "option");
            this.element("code", "", item).textContent = one.text;
            this.element("span", "bk-quiet", item).textContent = one.description;
            item.addEventListener("mousedown", (event) => { event.preventDefault(); this.take(place); });
        });
        this.list.hidden = false;
        this.choose(0);
        this.place();
    }

    // Below the cursor where there is room; on a narrow screen over the whole width.
    place() {
        const before = this.field.value.slice(0, this.field.selectionStart), probe = this.element("span", "");
        const rest = [...this.mirror.childNodes];
        this.mirror.replaceChildren(before, probe);
        probe.textContent = "\u200b";
        const top = probe.offsetTop + probe.offsetHeight - this.field.scrollTop, left = probe.offsetLeft;
        this.mirror.replaceChildren(...rest);
        this.list.style.top = `${Math.min(top, this.field.offsetHeight) + 9}px`;
        this.list.style.left = `${Math.max(0, Math.min(left, this.frame.clientWidth - this.list.offsetWidth))}px`;
    }

    choose(place) {
        const items = this.list.children;
        this.chosen = (place + items.length) % items.length;
        [...items].forEach((item, number) => item.setAttribute("aria-selected", String(number === this.chosen)));
        items[this.chosen].scrollIntoView({ block: "nearest" });
        this.field.setAttribute("aria-activedescendant", items[this.chosen].id);
    }

    take(place) {
        const one = this.suggestions[place], letters = [...this.field.value];
        const from = letters.slice(0, one.from).join("").length, cursor = this.field.selectionStart;
        const rest = this.field.value.slice(cursor);
        const open = one.text.endsWith("(") || one.text.endsWith("[") || one.kind === "window" || rest.startsWith(" ");
        this.field.focus();
        this.field.setRangeText(one.text + (open ? "" : " "), from, cursor, "end");
        this.close();
        this.changed(one.kind !== "value" && one.kind !== "list");
    }

    close() {
        this.list.hidden = true;
        this.field.removeAttribute("aria-activedescendant");
    }

    key(event) {
        if (event.key === " " && event.ctrlKey) {
            event.preventDefault();
            this.ask(true);
        } else if (this.list.hidden) {
            return;
        } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
        } else if (event.key === "Enter" || event.key === "Tab") {
            event.preventDefault();
            this.take(this.chosen);
        } else if (event.key === "Escape") {
            event.preventDefault();
            this.close();
        }
    }
}

document.querySelectorAll("[data-rule-editor]").forEach((root) => new RuleEditor(root));
