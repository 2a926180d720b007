// A Chromium that the machine has, and what drives it: `npm ci --prefix test/browser` brings the driver, and
// `apt-get install chromium` or the like a browser.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** The part of playwright-core that is used; code that runs in the page is text, as there are no types of a browser here. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(code: string): Promise<T>;
  waitForFunction(code: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  selectOption(selector: string, option: { label: string }): Promise<unknown>;
  uncheck(selector: string): Promise<void>;
  on(event: string, listener: (what: { text(): string; url(): string }) => void): void;
  readonly keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> };
}

interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export interface Browser {
  newContext(options: {
    viewport: { width: number; height: number };
    colorScheme: "light" | "dark";
  }): Promise<Context>;
  close(): Promise<void>;
}

const packages = new URL("package.json", import.meta.url);
const places = [
  process.env.PIXTOK_TEST_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const executablePath = places.find((path) => path !== undefined && existsSync(path));

/** For `skip`: false, or why there is no browser. */
export function withoutBrowser(): string | false {
  if (!existsSync(new URL("node_modules/playwright-core", packages))) {
    return "playwright-core is not installed: npm ci --prefix test/browser";
  }
  if (executablePath === undefined) {
    return "there is no Chromium: apt-get install chromium, or its path in PIXTOK_TEST_CHROMIUM";
  }
  return false;
}

export async function startBrowser(): Promise<Browser> {
  const { chromium } = createRequire(packages)("playwright-core") as {
    chromium: { launch(options: object): Promise<Browser> };
  };
  return chromium.launch({ executablePath, args: ["--disable-gpu", "--disable-dev-shm-usage"] });
}

/** Path of the script that judges whether a page can be used by everyone. */
export const axePath = () => createRequire(packages).resolve("axe-core/axe.min.js");
