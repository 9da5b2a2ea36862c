// What .ci/browser does in the browser. Arguments: the binary, Chromium.
"use strict";
const fs = require("fs"), path = require("path"), readline = require("readline");
const { spawn } = require("child_process");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [relais, browserPath] = process.argv.slice(2);
const WIDTHS = [320, 800, 1280];
let troubles = 0;

function trouble(text) { troubles++; console.log(`TROUBLE: ${text}`); }
function must(is, text) { if (!is) trouble(text); }

async function serve(folder, lang) {
  const child = spawn(relais, ["serve", folder, "--json", "--lang", lang]);
  const [line] = await new Promise((found) =>
    readline.createInterface({ input: child.stdout }).once("line", (line) => found([line])));
  return { child, ...JSON.parse(line) };
}

// Axe and the width of a page, at every width; screenshots to look at.
async function check(page, name) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const v of found.violations) {
      trouble(`${name} @${width}: ${v.id}: ${v.help}`);
      for (const node of v.nodes.slice(0, 3)) console.log(`    ${node.target} ${node.failureSummary}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    must(wide <= 0, `${name} @${width}: scrolls sideways by ${wide} px`);
    await page.screenshot({ path: path.join("look", `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  // What the system asks for: dark, or few colours of its own.
  for (const media of [{ colorScheme: "dark" }, { forcedColors: "active" }]) {
    await page.emulateMedia(media);
    const [asked] = Object.values(media);
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const v of found.violations) trouble(`${name} ${asked}: ${v.id}: ${v.help}`);
    await page.screenshot({ path: path.join("look", `${name}-${asked}.png`), fullPage: true });
    await page.emulateMedia({ colorScheme: null, forcedColors: null });
  }
  console.log(`${name}: checked`);
}

// Presses Tab until this has the focus: what no key reaches, nobody without a mouse can use.
async function tabTo(page, selector) {
  for (let i = 0; i < 300; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    await page.keyboard.press("Tab");
  }
  trouble(`no key reaches ${selector} on ${page.url()}`);
  return false;
}

// A table that no format knows.
const STRANGE = "Werbeset;Budget verbraucht;Geteilt;Gesehen;Tag\na;10,50;3;1000;2026-03-02\nb;20,25;7;2000;2026-03-03\n";

// Exports are dropped, looked at, stored, taken back; a map is made in a form, by keyboard.
async function bring(page, own, folder, lang) {
  await page.goto(`${own}/imports`);
  await check(page, `${lang}-imports`);
  const exports = path.join(folder, "exports");
  const some = fs.readdirSync(exports).filter((name) => name.startsWith("linkedin") || name.startsWith("x-ads"));
  await page.setInputFiles("#files", some.map((name) => path.join(exports, name)));
  await page.click("form[enctype] button");
  must((await page.locator("main h2").allTextContents()).some((text) => some.includes(text)), `${lang}: a file is not shown`);
  await check(page, `${lang}-understood`);
  await page.click("form[action$='/keep'] button");
  must(await page.locator("[role=status].good").count(), `${lang}: nothing was stored`);
  await check(page, `${lang}-stored`);
  await page.goto(`${own}/imports`);
  await page.click("form[action='/imports/undo'] button");
  must(await page.locator("[role=status].good").count(), `${lang}: nothing was taken back`);
  await page.setInputFiles("#files", { name: "fremd.csv", mimeType: "text/csv", buffer: Buffer.from(STRANGE) });
  await page.click("form[enctype] button");
  await check(page, `${lang}-unknown`);
  await page.click("a[href*='/map?file=']");
  await check(page, `${lang}-map`);
  for (const [at, meaning] of ["ad_set", "spend", "shares", "impressions", "day"].entries()) {
    await page.selectOption(`select[name=column-${at}]`, meaning);
  }
  await page.fill("#network", "facebook");
  await page.fill("#currency", "EUR");
  if (await tabTo(page, "form[action$='/map'] button")) {
    await Promise.all([page.waitForURL("**?map=**"), page.keyboard.press("Enter")]);
  }
  must(fs.existsSync(path.join(folder, "maps", "fremd.toml")), `${lang}: no map was kept`);
  must(!(await page.locator("[role=alert]").count()), `${lang}: the map does not read its file`);
  await check(page, `${lang}-mapped`);
  await page.click("a[href*='/maps/']");
  await check(page, `${lang}-map-text`);
  await page.goBack();
  await page.click("form[action$='/drop'] button");
}

// The history is asked; what was asked stands in the address and holds for the next question.
async function ask(page, own, lang) {
  await page.goto(`${own}/history`);
  await check(page, `${lang}-posts`);
  const all = await page.locator("tbody tr").count();
  await page.fill("#lines", "5");
  await page.check("input[name=network] >> nth=0");
  await page.keyboard.press("Enter");
  await page.waitForURL("**lines=5**");
  must((await page.locator("tbody tr").count()) === Math.min(5, all), `${lang}: the number of lines does nothing`);
  must(await page.isChecked("input[name=network] >> nth=0"), `${lang}: the filter is forgotten`);
  for (const which of ["weeks", "audiences"]) {
    await page.click(`.tabs a[href^='/history/${which}']`);
    must(page.url().includes("network="), `${lang}: the question is lost between pages`);
    must(await page.locator("tbody tr").count(), `${lang}: no answer on ${which}`);
    await check(page, `${lang}-${which}`);
  }
}

// A campaign as a form, by keyboard alone: a fault stands at its field, and what is kept keeps the rest.
async function form(page, own, folder, lang) {
  await page.goto(`${own}/campaigns`);
  await check(page, `${lang}-campaigns`);
  const link = await page.getByRole("link", { name: "orientation.toml", exact: true }).getAttribute("href");
  if (!await tabTo(page, `a[href='${link}']`)) return;
  await Promise.all([page.waitForURL("**/form"), page.keyboard.press("Enter")]);
  await check(page, `${lang}-form`);
  const file = path.join(folder, (await page.textContent("h1")).trim());
  const before = fs.readFileSync(file, "utf8");
  const type = async (selector, text) => {
    if (!await tabTo(page, selector)) return;
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  };
  await type("#f-risk-prudence", "7");
  if (await tabTo(page, "main form button")) {
    await Promise.all([page.waitForResponse("**/form"), page.keyboard.press("Enter")]);
    await page.waitForSelector("[aria-invalid=true]");
  }
  must(fs.readFileSync(file, "utf8") === before, `${lang}: a fault was kept`);
  await check(page, `${lang}-form-faults`);
  if (await tabTo(page, "[role=alert] a")) {
    await page.keyboard.press("Enter");
    const at = await page.evaluate(() => location.hash);
    must(at === "#f-risk-prudence", `${lang}: the fault leads to ${at}`);
  }
  await type("#f-risk-prudence", lang === "fr" ? "0,25" : "0.25");
  if (await tabTo(page, "main form button")) {
    await Promise.all([page.waitForURL("**/campaigns"), page.keyboard.press("Enter")]);
  }
  const after = fs.readFileSync(file, "utf8");
  const comments = (text) => text.split("\n").filter((line) => line.includes("#")).length;
  must(after.includes("prudence = 0.25"), `${lang}: the form was not kept`);
  must(comments(after) === comments(before), `${lang}: the form lost comments`);
}

// One audience followed, by keyboard alone: sorted, filtered, opened, its address kept.
async function audience(page, run, lang) {
  await page.goto(run);
  if (!await tabTo(page, "a[href$='/audiences']")) return;
  await Promise.all([page.waitForURL("**/audiences"), page.keyboard.press("Enter")]);
  await check(page, `${lang}-audiences`);
  const money = () => page.$$eval("table.sorts tbody tr", (rows) => rows.map((row) => Number(row.cells[1].dataset.value)));
  if (await tabTo(page, "th:nth-child(2) button.head")) {
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    const sorted = await money();
    must(sorted.every((value, i) => i === 0 || sorted[i - 1] <= value), `${lang}: the table is not sorted`);
    must(await page.locator("th[aria-sort=ascending]").count() === 1, `${lang}: the order is not told`);
    await page.keyboard.press("Enter");
  }
  const all = (await money()).length;
  const wanted = (await page.textContent("table.sorts tbody tr a")).trim();
  await page.focus("input[type=search]");
  await page.keyboard.type(wanted);
  const left = await page.locator("table.sorts tbody tr:visible").count();
  must(left > 0 && left < all, `${lang}: the filter leaves ${left} of ${all} rows`);
  must((await page.textContent("[role=status]")).includes(`${left}`), `${lang}: how many are left is not told`);
  if (!await tabTo(page, "table.sorts tbody a")) return;
  await Promise.all([page.waitForURL("**/audiences/*"), page.keyboard.press("Enter")]);
  for (const chart of ["response-curves", "marginal-return", "week-on-week", "predicted-observed"]) {
    must(await page.locator(`#${chart} table:visible`).count(), `${lang}: no numbers beside ${chart}`);
    await tabTo(page, `#${chart} .scroll`);
  }
  await check(page, `${lang}-audience`);
  const name = await page.textContent("h1");
  await page.reload();
  must((await page.textContent("h1")) === name, `${lang}: the address does not keep the audience`);
  if (await tabTo(page, "a[rel=next]")) {
    await Promise.all([page.waitForURL((url) => !url.href.includes("nowhere")), page.keyboard.press("Enter")]);
  }
}

async function visit(browser, lang) {
  const folder = path.join("work", lang);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync("demo", folder, { recursive: true });
  const serving = await serve(folder, lang);
  const own = `http://127.0.0.1:${serving.port}`;
  const context = await browser.newContext();
  context.setDefaultTimeout(120000);
  const page = await context.newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(own)) trouble(`${lang}: asks for ${request.url()}`);
  });
  page.on("pageerror", (error) => trouble(`${lang}: script: ${error}`));
  // Without the token: the door.
  await page.goto(own);
  await check(page, `${lang}-door`);
  await page.fill("#token", "wrong");
  await page.click("#door button");
  must(await page.locator("[role=alert]").count(), `${lang}: a wrong token is not told`);
  // With it: the shelf, and no token left in the address.
  await page.goto("about:blank");
  await page.goto(serving.url);
  await page.waitForSelector("table.shelf");
  must(!page.url().includes("token"), `${lang}: the token stays in the address`);
  must(!(await page.evaluate(() => document.cookie)), `${lang}: a script can read the cookie`);
  await check(page, `${lang}-shelf`);
  // Side by side, by keyboard.
  for (const box of await page.locator("input[name=run]").all()) { await box.focus(); await page.keyboard.press("Space"); }
  if (await tabTo(page, "form[action='/compare'] button")) {
    await Promise.all([page.waitForURL("**/compare?**"), page.keyboard.press("Enter")]);
    must(await page.locator("figure").count(), `${lang}: no comparison`);
    await page.goBack();
  }
  // A run, its notes by keyboard, its report.
  await page.click("table.shelf tbody a");
  await check(page, `${lang}-run`);
  const run = page.url();
  if (await tabTo(page, "#text")) {
    await page.keyboard.type("Checked with the team. <b>Good</b>");
    if (await tabTo(page, "form[action$='/notes'] button")) {
      await Promise.all([page.waitForURL("**#notes"), page.keyboard.press("Enter")]);
    }
    must((await page.inputValue("#text")).includes("<b>Good</b>"), `${lang}: notes are lost`);
  }
  await page.click("a[href$='/report']");
  must(await page.locator("#essential").count(), `${lang}: no report`);
  const held = page.waitForEvent("download");
  await page.goto(run);
  await page.click(".take a >> nth=0");
  must((await (await held).suggestedFilename()) === "report.html", `${lang}: no download`);
  // Play: a slider by keyboard answers at once, and settles when it rests.
  await page.click("a[href$='/play']");
  await check(page, `${lang}-play`);
  const before = await page.textContent("#figure");
  const solved = page.waitForResponse("**/solve");
  await page.focus("input[type=range] >> nth=0");
  await Promise.all([page.waitForURL("**budget=**"), page.keyboard.press("End")]);
  const answer = await (await solved.catch(() => null))?.json().catch(() => ({ provisional: true }));
  must(answer?.provisional === true, `${lang}: what moves is not called provisional`);
  must((await page.textContent("#figure")) !== before, `${lang}: twice the budget changes nothing`);
  await check(page, `${lang}-played`);
  await page.goBack();
  must((await page.textContent("#figure")) === before, `${lang}: the way back undoes nothing`);
  await page.goForward();
  await page.fill("#name", "twice as much");
  await page.click("form[action$='/save'] button");
  must(fs.existsSync(path.join(folder, "twice as much.toml")), `${lang}: nothing was saved`);
  await check(page, `${lang}-saved`);
  await ask(page, own, lang);
  await bring(page, own, folder, lang);
  await form(page, own, folder, lang);
  await audience(page, run, lang);
  await page.goto(`${own}/trust`);
  must(await page.locator("#coverage").count(), `${lang}: no coverage on the page of trust`);
  await check(page, `${lang}-trust`);
  // Without script everything but the sliders works.
  const plain = await browser.newContext({ javaScriptEnabled: false });
  plain.setDefaultTimeout(120000);
  const quiet = await plain.newPage();
  await quiet.goto(own);
  await quiet.fill("#token", serving.token);
  await quiet.click("#door button");
  await quiet.click("table.shelf tbody a");
  await quiet.click("a[href$='/play']");
  await quiet.fill("#f-budget", "9000");
  await quiet.click("#play button >> nth=0");
  must(quiet.url().includes("budget=9000"), `${lang}: play needs a script`);
  must((await quiet.locator("#figure").count()) === 1, `${lang}: no answer without script`);
  await quiet.goto(`${own}/history?lines=3`);
  must((await quiet.locator("tbody tr").count()) === 3, `${lang}: the history needs a script`);
  await quiet.goto(`${own}/imports`);
  await quiet.setInputFiles("#files", { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(STRANGE) });
  await quiet.click("form[enctype] button");
  must(/\/imports\/[0-9a-f]{16}$/.test(quiet.url()), `${lang}: bringing files needs a script`);
  await plain.close();
  await context.close();
  serving.child.kill("SIGINT");
  const code = await new Promise((ended) => serving.child.once("exit", ended));
  must(code === 0, `${lang}: ended with ${code}`);
}

(async () => {
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
  for (const lang of ["en", "fr"]) await visit(browser, lang);
  await browser.close();
  console.log(troubles === 0 ? "no trouble" : `${troubles} troubles`);
  process.exit(troubles === 0 ? 0 : 1);
})().catch((error) => { console.log(error); process.exit(1); });
