// The pure part of the coder: positions against Python's answers (in the file that CASES names; MODULES are the widgets'), rows, units, pieces, ranking.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const coder = Object.assign({}, ...(await Promise.all(JSON.parse(process.env.MODULES).map((path) => import(path)))));
const cases = JSON.parse(readFileSync(process.env.CASES, "utf-8"));

const docOf = (text, language = "") => ({ text, language, rows: coder.rowsOf(text, []) });
const words = (doc, passages) => passages.map((p) => doc.text.slice(p.start, p.end));

test("positions are what Python says, both ways", () => {
  assert.ok(cases.length >= 100);
  for (const { text, points, excerpt, start, end } of cases) {
    const at = coder.positionsOf(text);
    assert.equal(at.toPoints(text.length), points);
    assert.equal(text.slice(at.toUnits(start), at.toUnits(end)), excerpt);
    assert.equal(at.toPoints(at.toUnits(start)), start);
    assert.equal(coder.toCodePoints(text, coder.toUnits(text, end)), end);
  }
});

test("a long text costs a search, not a walk", () => {
  const at = coder.positionsOf("a😀".repeat(400_000));
  const began = performance.now();
  for (let i = 0; i < 10_000; i++) assert.equal(at.toPoints(at.toUnits(i * 80)), i * 80);
  assert.ok(performance.now() - began < 1000);
});

test("every word of a text is in one row, also what belongs to no utterance", () => {
  const rows = coder.rowsOf("Title\n\nhello there\nno one said this", [[7, 18, "Mara", 0, 1]]);
  assert.deepEqual(rows.map((r) => [r.start, r.end, r.speaker]), [[0, 5, ""], [7, 18, "Mara"], [19, 35, ""]]);
  assert.deepEqual(coder.rowsOf("one\n\n two ", []).map((r) => r.theirs), [true, true]);
  assert.deepEqual(coder.rowsOf("", []), []);
});

test("a row is cut where codings begin and end", () => {
  const pieces = coder.segmentsOf({ start: 0, end: 10 }, [{ id: 1, start: 2, end: 6 }, { id: 2, start: 4, end: 20 }], { start: 5, end: 6 });
  assert.deepEqual(pieces.map((p) => [p.start, p.end, p.codings.map((c) => c.id), p.selected]),
    [[0, 2, [], false], [2, 4, [1], false], [4, 5, [1, 2], false], [5, 6, [1, 2], true], [6, 10, [2], false]]);
});

test("units are words, sentences, utterances and what a reader calls a character", () => {
  const doc = docOf("Hello, e\u0301 👩‍👩‍👧! And שלום עולם. Third.");
  const of = (unit) => words(doc, coder.unitsOf(doc.text, doc.rows[0], unit));
  assert.deepEqual(of("word"), ["Hello", "e\u0301", "And", "שלום", "עולם", "Third"]);
  assert.deepEqual(of("sentence"), ["Hello, e\u0301 👩‍👩‍👧!", "And שלום עולם.", "Third."]);
  assert.equal(of("utterance").length, 1);
  assert.ok(of("character").includes("👩‍👩‍👧"));
});

test("steps go over the ends of rows and stop at the ends of the text", () => {
  const doc = docOf("One. Two.\nThree.");
  const three = coder.step(doc, { start: 5, end: 9 }, 1, "sentence");
  assert.deepEqual(words(doc, [three]), ["Three."]);
  assert.equal(coder.step(doc, three, 1, "sentence"), null);
  assert.deepEqual(words(doc, [coder.step(doc, three, -1, "word")]), ["Two"]);
});

test("a language that nobody knows is no reason to stop", () => {
  assert.equal(coder.unitsOf("a b", { start: 0, end: 3 }, "word", "no language").length, 2);
});

test("overlapping passages get lanes of their own", () => {
  assert.deepEqual(coder.lanesOf([{ start: 0, end: 5 }, { start: 3, end: 8 }, { start: 5, end: 9 }]), [0, 1, 0]);
});

test("those of a kind stand together, in the order in which kinds and members came", () => {
  const all = ["b1", "a1", "b2", "c1", "a2"];
  assert.deepEqual(coder.together(all, (name) => name[0]), ["b1", "b2", "a1", "a2", "c1"]);
});

test("codes are found by how their name begins, then by what it holds; accents and case do not matter", () => {
  const codes = ["Late van", "Café visit", "Van is late", "Evangelist", "Retired van"].map((name, k) => ({ id: k, name, retired: k === 4 }));
  assert.deepEqual(coder.rankCodes("van", codes).map((c) => c.name), ["Van is late", "Late van", "Evangelist"]);
  assert.deepEqual(coder.rankCodes("CAFE", codes).map((c) => c.name), ["Café visit"]);
  assert.equal(coder.rankCodes("", codes).length, 4);
  assert.equal(coder.rankCodes("zzz", codes).length, 0);
  assert.equal(coder.rankCodes("", codes, (c) => c.id === 3)[0].name, "Evangelist");
});

test("coders differ where nobody else put the same code on an overlapping passage", () => {
  const c = (id, coder_, code, start, end) => ({ id, coder: coder_, code, start, end });
  const all = [c(1, "ana", "x", 0, 5), c(2, "ben", "x", 4, 9), c(3, "ana", "y", 0, 5), c(4, "ana", "x", 20, 25), c(5, "ana", "x", 21, 26)];
  assert.deepEqual([...coder.differing(all)], [3, 4, 5]);
});

test("coverage counts a character once and only where it is worth coding", () => {
  const rows = [{ start: 0, end: 10, theirs: true }, { start: 11, end: 20, theirs: false }, { start: 21, end: 31, theirs: true }];
  assert.equal(coder.coverage(rows, [{ start: 0, end: 5 }, { start: 3, end: 6 }, { start: 9, end: 25 }]), (6 + 1 + 4) / 20);
  assert.equal(coder.coverage(rows, []), 0);
  assert.equal(coder.coverage([], []), 0);
});

test("small words", () => {
  assert.deepEqual([coder.clock(5_000), coder.clock(320_000), coder.clock(3_723_000)], ["00:05", "05:20", "1:02:03"]);
  assert.deepEqual([-2, 0, 1, null].map(coder.signed), ["−2", "0", "+1", ""]);
  assert.match(coder.newId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("what waits is kept one by one, in order, and a storage that refuses is no error", () => {
  const kept = {};
  const storage = new Proxy(kept, {
    get: (target, name) => ({ setItem: (k, v) => (target[k] = v), getItem: (k) => target[k], removeItem: (k) => delete target[k] })[name] ?? target[name],
  });
  const [mine, other] = [coder.queueIn(storage, "a:"), coder.queueIn(storage, "b:")];
  for (const order of [2, 1]) mine.put({ id: `m${order}`, order });
  other.put({ id: "o", order: 0 });
  assert.deepEqual(mine.all().map((m) => m.id), ["m1", "m2"]);
  mine.drop({ id: "m1", order: 1 });
  assert.deepEqual(mine.all().map((m) => m.id), ["m2"]);
  const broken = coder.queueIn(null, "a:");
  broken.put({ id: "x", order: 1 });
  assert.deepEqual(broken.all(), []);
});

test("a code goes up, down, in and out where it can", async () => {
  const code = (id, parent, depth) => ({ id, name: id, parent, depth });
  const codes = [code("a", null, 0), code("b", null, 0), code("c", "b", 1), code("d", "b", 1), code("e", null, 0)];
  const by = (direction, id) => coder.placeBy(direction, codes, codes.find((c) => c.id === id));
  assert.deepEqual(by("up", "b"), { parent: null, before: "a" });
  assert.equal(by("up", "a"), null);
  assert.deepEqual(by("down", "a"), { parent: null, before: "e" });
  assert.deepEqual(by("down", "b"), { parent: null, before: null });
  assert.deepEqual(by("in", "d"), { parent: "c", before: null });
  assert.deepEqual(by("out", "c"), { parent: null, before: "e" });
  assert.equal(by("out", "a"), null);
});

test("a search shows the hits with all above them, folded or not", () => {
  const codes = [{ id: "a", name: "Time" }, { id: "b", name: "Slot expires", parent: "a" }, { id: "c", name: "Other" }];
  const ids = (options) => coder.shownCodes(codes, options).map((c) => c.id);
  assert.deepEqual(ids({ typed: "slot", folded: new Set(["a"]) }), ["a", "b"]);
  assert.deepEqual(ids({ folded: new Set(["a"]) }), ["a", "c"]);
});

test("Jupyter's file server is asked for the longest path first", () => {
  assert.deepEqual(coder.addressesOf("/lab/", "/home/ana/my study/a.wav"), ["/lab/files/home/ana/my%20study/a.wav", "/lab/files/ana/my%20study/a.wav", "/lab/files/my%20study/a.wav", "/lab/files/a.wav"]);
});

test("labels of the board's matrix stand apart, inside the picture, and hold every word that fits", () => {
  assert.deepEqual(coder.apart([10, 12, 95], [20, 20, 20], 100, 5), [0, 25, 80]);
  assert.deepEqual(coder.inLines("1 · hold the slot until the payment ends", 14, 2), ["1 · hold the", "slot until th…"]);
  assert.deepEqual(coder.inLines("👩‍👩‍👧 Donaudampfschiff", 8, 9).join("").replaceAll(" ", ""), "👩‍👩‍👧Donaudampfschiff");
  const rows = [1, 2, 3].map((rank) => ({ rank, effort: 2, worth: 4, lines: ["a", "b"] }));
  const { at, height } = coder.placed(rows);
  assert.equal(new Set(at.map((p) => p.x)).size, 3);
  assert.ok(at.every((p, k) => p.top + 30 <= height && (k === 0 || p.top >= at[k - 1].top + 30)));
});

test("only an address of the web becomes a link", () => {
  assert.deepEqual(["https://t.example/7", "javascript:alert(1)", "HTTP://x y", "", null].map(coder.addressOf), ["https://t.example/7", null, null, null, null]);
});
