// Walks through the tables of steps. All it shows is in them.
(() => {
  "use strict";

  const articles = [...document.querySelectorAll("article.race")];
  if (articles.length === 0) return;
  const tabs = [...document.querySelectorAll(".tabs a")];
  const help = document.getElementById("keys");
  const SVG = "http://www.w3.org/2000/svg";

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  /** A race: its rows, the step it is at, and what shows that. */
  class Race {
    constructor(article, index) {
      this.article = article;
      this.number = index + 1;
      this.rows = [...article.querySelectorAll("tr[data-step]")];
      this.last = this.rows.length - 1;
      this.names = [...article.querySelectorAll("th.has")].map((it) => it.textContent);
      this.violations = this.rows.flatMap((row, step) =>
        row.classList.contains("violation") ? [step] : []);
      this.step = 0;
      this.timer = 0;
      this.parts = [...article.querySelectorAll(".part")];
      this.controls();
      this.panel = article.querySelector(".panel");
      this.panel.hidden = false;
      article.querySelector(".steps").open = false;
      article.classList.add("live");
    }

    controls() {
      const button = (text, label, act) =>
        make("button", { type: "button", textContent: text, title: label, ariaLabel: label, onclick: act });
      this.play = button("▶", "Play (Space)", () => this.toggle());
      this.back = button("←", "One step back (←)", () => this.go(this.step - 1));
      this.on = button("→", "One step on (→)", () => this.go(this.step + 1));
      this.next = button("⇥ violation", "Next violation (Shift+→)", () => jump(1));
      this.next.hidden = this.violations.length === 0;
      this.slider = make("input", {
        type: "range", min: 0, max: this.last, value: 0, ariaLabel: "Step",
        oninput: () => this.go(Number(this.slider.value)),
      });
      this.speed = make("select", { ariaLabel: "Speed" },
        ...[["2500", "slow"], ["1200", "normal"], ["500", "fast"]].map(([value, text]) =>
          make("option", { value, textContent: text, selected: text === "normal" })));
      this.at = make("output", { ariaLive: "off" });
      const keys = button("?", "Keys (?)", () => help.showModal());
      const player = this.article.querySelector(".player");
      player.append(this.back, this.play, this.on, this.slider, this.at, this.next, this.speed, keys);
      player.hidden = false;
    }

    toggle() {
      if (this.timer) return this.pause();
      if (this.step === this.last) this.go(0);
      this.mark("⏸", "Pause (Space)");
      const tick = () => {
        this.go(this.step + 1, true);
        if (this.step === this.last) return this.pause();
        this.timer = setTimeout(tick, Number(this.speed.value));
      };
      this.timer = setTimeout(tick, Number(this.speed.value) / 2);
    }

    pause() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.mark("▶", "Play (Space)");
    }

    mark(text, label) {
      this.play.textContent = text;
      this.play.title = this.play.ariaLabel = label;
    }

    go(step, playing = false) {
      if (!playing) this.pause();
      this.step = Math.min(Math.max(step, 0), this.last);
      this.show();
      this.keepInView();
      remember(`#race-${this.number}/${this.step}`);
    }

    show() {
      const row = this.rows[this.step];
      for (const other of this.rows) other.removeAttribute("aria-current");
      row.setAttribute("aria-current", "step");
      this.slider.value = this.step;
      this.slider.ariaValueText = row.cells[1].textContent;
      this.at.textContent = `${this.step} of ${this.last}`;
      this.back.disabled = this.step === 0;
      this.on.disabled = this.step === this.last;
      this.tell(row);
      this.draw(row);
    }

    tell(row) {
      const cells = [...row.cells];
      const list = make("dl");
      [...row.querySelectorAll("td.has")].forEach((cell, index) => {
        list.append(make("div", {},
          make("dt", { textContent: this.names[index] }),
          make("dd", { className: cell.className }, ...cell.cloneNode(true).childNodes)));
      });
      const what = make("p", { ariaLive: "polite" },
        make("strong", { textContent: `${this.step}. ${cells[1].textContent}` }));
      const when = row.querySelector(".when")?.textContent;
      if (when) what.append(make("br"), make("small", { textContent: when }));
      const broken = cells.at(-1).textContent;
      const says = row.classList.contains("stale") ? `✗ ${broken}` : `✗ violates ${broken}`;
      if (broken) what.append(make("br"), make("span", { className: "broken", textContent: says }));
      // A live region that is replaced is not read: its content is.
      const old = this.panel.querySelector("p");
      if (old) {
        old.replaceChildren(...what.childNodes);
        this.panel.querySelector("dl").replaceWith(list);
      } else {
        this.panel.append(what, list);
      }
    }

    draw(row) {
      const part = Number(row.dataset.part ?? 0);
      this.parts.forEach((figure, index) => { figure.hidden = index !== part; });
      for (const svg of this.parts[part].querySelectorAll("svg")) {
        const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
        const first = this.rows.find((it) => Number(it.dataset.part) === part);
        const rows = this.rows.filter((it) => Number(it.dataset.part) === part);
        const [left, top, right, bottom] = this.corners(row.dataset.row ? row : first);
        const [, , , end] = this.corners(rows.at(-1));
        const from = row.dataset.row ? bottom : top;
        const floor = Math.min(end + (bottom - top) * 0.3, height);
        place(svg, "curtain", 0, from, width, Math.max(floor - from, 0));
        place(svg, "now", left, top, right - left, row.dataset.row ? bottom - top : 0);
      }
    }

    /** Scrolls so far that picture and panel are to be seen, and the row of this step in any case. */
    keepInView() {
      const bands = [...this.article.querySelectorAll(".part:not([hidden]) .now")];
      const band = bands.find((it) => it.getBoundingClientRect().width > 0);
      if (!band) return;
      const player = this.article.querySelector(".player");
      const ceiling = parseFloat(getComputedStyle(player).top) + player.offsetHeight + 4;
      const stage = this.article.querySelector(".stage").getBoundingClientRect();
      const hidden = stage.bottom + 4 - innerHeight;
      if (stage.top > ceiling && hidden > 0) scrollBy(0, Math.min(hidden, stage.top - ceiling));
      const { top, bottom } = band.getBoundingClientRect();
      if (top < ceiling) scrollBy(0, top - ceiling);
      else if (bottom + 4 > innerHeight) scrollBy(0, bottom + 4 - innerHeight);
    }

    corners(row) {
      return row.dataset.row.split(" ").map(Number);
    }
  }

  const place = (svg, name, x, y, width, height) => {
    let box = svg.querySelector(`.${name}`);
    if (!box) {
      box = document.createElementNS(SVG, "rect");
      box.setAttribute("class", name);
      svg.append(box);
    }
    for (const [key, value] of Object.entries({ x, y, width, height })) box.setAttribute(key, value);
  };

  const remember = (hash) => {
    try { history.replaceState(null, "", hash); } catch { /* some browsers forbid it for files */ }
  };

  const races = articles.map((article, index) => new Race(article, index));
  let current = races[0];

  const select = (race) => {
    if (race !== current) current.pause();
    current = race;
    races.forEach((it) => { it.article.hidden = it !== race; });
    tabs.forEach((tab, index) => {
      if (races[index] === race) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    });
    race.show();
  };

  /** The next violation in a direction, in this race or in one of those after it. */
  const jump = (direction) => {
    const ahead = (race, from) => direction > 0
      ? race.violations.find((step) => step > from)
      : race.violations.findLast((step) => step < from);
    let step = ahead(current, current.step);
    for (let index = current.number - 1; step === undefined;) {
      index += direction;
      if (!races[index]) return;
      step = ahead(races[index], direction > 0 ? 0 : Infinity);
      if (step !== undefined) select(races[index]);
    }
    current.go(step);
  };

  const follow = () => {
    const [, number, step] = location.hash.match(/^#race-(\d+)(?:\/(\d+))?$/) ?? [];
    const race = races[number - 1];
    if (!race) return;
    select(race);
    race.article.querySelector("h3").scrollIntoView({ block: "start" });
    race.go(Number(step ?? race.step));
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || help.open) return;
    // Who reads another part of the page scrolls with these keys.
    const { top, bottom } = current.article.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight || event.target.closest(".wide")) return;
    const on = event.target.closest("button, a, summary, select, input");
    // A slider takes all keys but the space bar, which is nothing to it.
    const keeps = on && (event.key === " " ? !on.matches("input") : on.matches("select, input"));
    const keys = {
      ArrowLeft: () => event.shiftKey ? jump(-1) : current.go(current.step - 1),
      ArrowRight: () => event.shiftKey ? jump(1) : current.go(current.step + 1),
      Home: () => current.go(0),
      End: () => current.go(current.last),
      " ": () => current.toggle(),
      "?": () => help.showModal(),
    };
    if (!keys[event.key] || (keeps && event.key !== "?" && !event.shiftKey)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Paper has no steps: all that is folded away or hidden is on it.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });

  addEventListener("hashchange", follow);
  select(current);
  follow();
})();
