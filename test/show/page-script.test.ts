// What the script of a page of pairs does, without a browser: test/browser has what only one can tell.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseHTML } from "linkedom";
import { PAGE_SCRIPT } from "../../src/show/page-script.js";
import type { PageImage } from "../../src/show/pair-card.js";
import { pairsPage } from "../../src/show/pairs-page.js";
import type { ShownSample } from "../../src/show/shown-pairs.js";
import type { ShownTokens } from "../../src/show/shown-text.js";
import type { PageElement } from "../support/html.js";
import { column, modelImage, pair } from "../support/shown-parts.js";

/** A control of a form, or a dialog, with what linkedom does not have. */
interface Control extends PageElement {
  value: string;
  checked: boolean;
  hidden: boolean;
  readonly selectedOptions: readonly PageElement[];
  dispatchEvent(event: object): void;
}

const text = (original: string, tokens: Partial<ShownTokens>) => ({
  original,
  cleaned: null,
  tokens: { list: [], kept: 1, cut: 0, unknown: 0, padding: 0, ...tokens },
});

const cards: readonly ShownSample<PageImage>[] = [
  pair(0, { text: text("A dog in the park", { kept: 8 }), columns: [column("label", "dog")] }),
  pair(1, { text: text("a cat", { kept: 4, unknown: 1 }), columns: [column("label", "cat")] }),
  pair(2, { text: text("the dog", { kept: 5, cut: 1 }), columns: [column("label", "dog")] }),
  pair(3, {
    ...{ images: [modelImage()], columns: [column("label", "cat")] },
    mixed: { name: "mixUp", other: 1, otherRow: 1, share: 0.5, part: null },
  }),
  { index: 4, source: "four.jpg", code: "EMPTY_FILE", message: "it is empty" },
];

/** Gives a control of a form what linkedom does not: a value, of a select that of the chosen option. */
function withValue(control: Control): void {
  const options = [...control.querySelectorAll("option")];
  let chosen = 0;
  const ofSelect = {
    get: () => options[chosen]?.getAttribute("value"),
    set: (label: string) => {
      chosen = options.findIndex(({ textContent }) => textContent === label);
    },
  };
  Object.defineProperties(control, {
    selectedOptions: { get: () => [options[chosen]] },
    value: options.length === 0 ? { value: "", writable: true } : ofSelect,
  });
  control.checked = true;
}

/** A page whose script has run. */
function openPage() {
  const page = pairsPage({
    ...{ title: "title", lead: "lead", facts: [], stats: null, cards },
    boxes: { ofPairs: new Map(), formats: new Map([["box", "xyxy"]]) },
    errors: { count: 0, list: [] },
  });
  const { document, Event } = parseHTML(page) as unknown as {
    document: PageElement;
    Event: new (type: string, options: object) => object;
  };
  const find = (selector: string) => document.querySelector(selector) as Control;
  const fire = (target: Control, type: string, more: object = {}) => {
    target.dispatchEvent(Object.assign(new Event(type, { bubbles: true }), more));
  };
  const form = find(".filters");
  const controls = [...form.querySelectorAll("input, select")] as Control[];
  for (const control of controls) withValue(control);
  const reset = () => {
    for (const control of controls) control.value = control.querySelector("option") ? "all" : "";
  };
  const named = controls.map((control) => [control.getAttribute("name"), control]);
  Object.assign(form, { elements: Object.fromEntries(named), reset });
  const dialog = Object.assign(find("dialog"), {
    open: false,
    showModal: () => {
      dialog.open = true;
    },
    close: () => {
      dialog.open = false;
      fire(dialog, "close");
    },
  });
  let focused: PageElement | undefined;
  for (const one of document.querySelectorAll("button, input, .viewer-body")) {
    const focus = () => {
      focused = one;
    };
    Object.assign(one, { focus });
  }
  new Function("document", "setTimeout", PAGE_SCRIPT)(document, (work: () => void) => work());
  const items = [...document.querySelectorAll(".cards > li")] as Control[];
  return {
    ...{ find, fire, dialog },
    choose(selector: string, value: string) {
      find(selector).value = value;
      fire(form, "input");
    },
    reset() {
      reset();
      fire(form, "reset");
    },
    press: (key: string, target = form, more = {}) => fire(target, "keydown", { key, ...more }),
    shown: () => items.flatMap(({ hidden }, place) => (hidden ? [] : [place])),
    title: () => find("dialog h2").textContent,
    focused: () => focused,
  };
}

describe("filters", () => {
  for (const [what, selector, value, expected] of [
    ["all words of a text", "[name=search]", "dog PARK", [0]],
    ["a word of an error", "[name=search]", "empty_file", [4]],
    ["a label", "[data-column]", "cat", [1, 3]],
    ["an error", "[name=state]", "cannot be read", [4]],
    ["none", "[name=state]", "can be read", [0, 1, 2, 3]],
    ["a text that is cut", "[name=state]", "text is cut", [2]],
    ["as few tokens as are asked for, or fewer", "[name=most]", "6", [1, 2]],
    ["as many tokens as are asked for, or more", "[name=least]", "6", [0, 2]],
  ] as const) {
    test(`leave pairs alone that have ${what}, and are reset`, () => {
      const { choose, shown, reset, find } = openPage();
      assert.equal(find(".count").textContent, "5 pairs");
      choose(selector, value);
      assert.deepEqual(shown(), expected);
      assert.equal(find(".count").textContent, `${expected.length} of 5 pairs`);
      reset();
      assert.deepEqual(shown(), [0, 1, 2, 3, 4]);
    });
  }

  test("go together, and say where nothing is left", () => {
    const { choose, shown, find, fire, focused } = openPage();
    choose("[data-column]", "dog");
    choose("[name=least]", "7");
    assert.deepEqual([shown(), find(".none").hidden], [[0], true]);
    choose("[name=search]", "cat");
    assert.deepEqual([shown(), find(".none").hidden], [[], false]);
    fire(find(".none button"), "click");
    assert.equal(focused(), find("[name=search]"));
  });

  test("hide boxes", () => {
    const { choose, find } = openPage();
    const isHidden = () => find("body").getAttribute("class") === "no-boxes";
    assert.equal(isHidden(), false);
    find("[name=boxes]").checked = false;
    choose("[name=search]", "");
    assert.equal(isHidden(), true);
  });
});

describe("a pair that is larger", () => {
  test("is the one that was chosen, and others of those that are left follow", () => {
    const { choose, find, fire, title, press, dialog, focused } = openPage();
    choose("[data-column]", "dog");
    fire(find("#pair-at-2 .enlarge"), "click");
    assert.deepEqual([dialog.open, title()], [true, "#2 key 2 (2 of 2)"]);
    assert.match(find(".viewer-body").textContent, /the dog/);
    assert.equal(focused(), find(".viewer-body"));
    press("ArrowRight");
    assert.equal(title(), "#0 key 0 (1 of 2)");
    press("ArrowLeft");
    assert.equal(title(), "#2 key 2 (2 of 2)");
    fire(find("[data-go='1']"), "click");
    assert.equal(title(), "#0 key 0 (1 of 2)");
    press("ArrowRight", undefined, { ctrlKey: true });
    assert.equal(title(), "#0 key 0 (1 of 2)");
    fire(find("[data-close]"), "click");
    assert.equal(dialog.open, false);
    assert.equal(focused(), find("#pair-at-0 .enlarge"));
  });

  test("is opened by its pictures, too", () => {
    const { find, fire, title } = openPage();
    fire(find("#pair-at-3 .pictures"), "click");
    assert.equal(title(), "#3 key 3 (4 of 5)");
  });

  test("leads to the one that it is mixed with, filtered out or not", () => {
    const { choose, find, fire, title, shown } = openPage();
    choose("[name=search]", "key 3");
    fire(find("#pair-at-3 .enlarge"), "click");
    const link = Object.assign(find(".viewer-body .mixed a"), { hash: "#pair-at-1" });
    fire(link, "click");
    assert.deepEqual([title(), shown().length], ["#1 key 1 (2 of 5)", 5]);
  });
});

test("a slash goes to the search, unless something is typed", () => {
  const { press, find, focused } = openPage();
  press("/", find("[name=search]"));
  assert.equal(focused(), undefined);
  press("/", find("select"));
  assert.equal(focused(), undefined);
  press("/");
  assert.equal(focused(), find("[name=search]"));
});
