// A transcript as text: positions, rows, units, codings on it.  Pure; also read by node --test.
// Positions are UTF-16 units in the browser and code points in every message; see positionsOf.

/** Browser offset (UTF-16 units) to study offset (code points). */
export const toCodePoints = (text, units) => positionsOf(text).toPoints(units);

/** Study offset (code points) to browser offset (UTF-16 units). */
export const toUnits = (text, points) => positionsOf(text).toUnits(points);

/** Both conversions for one text, each in the time of a binary search: only characters outside the basic plane count twice. */
export function positionsOf(text) {
  const pairs = Array.from(text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g), (m) => m.index);
  if (!pairs.length) return { toPoints: (units) => units, toUnits: (points) => points };
  return {
    toPoints: (units) => units - countWhile(pairs.length, (k) => pairs[k] + 1 < units),
    toUnits: (points) => points + countWhile(pairs.length, (k) => pairs[k] - k < points),
  };
}

/** How many of 0..n-1 satisfy a test that holds up to somewhere and not after. */
export function countWhile(n, test) {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is shown as one row each: the utterances, and any lines of text that belong to none. */
export function rowsOf(text, utterances) {
  const rows = [];
  let at = 0;
  const lines = (until) => {
    for (const m of text.slice(at, until).matchAll(/[^\n]*\S[^\n]*/g)) {
      rows.push({ start: at + m.index, end: at + m.index + m[0].length, speaker: "", ms: null, theirs: !utterances.length });
    }
  };
  for (const [start, end, speaker, ms, theirs] of utterances) {
    if (start < at || end <= start) continue;
    lines(start);
    rows.push({ start, end, speaker, ms, theirs: !!theirs });
    at = end;
  }
  lines(text.length);
  return rows;
}

/** Index of the row that holds a position, or of the last one that began before it. */
export const rowAt = (rows, position) => Math.max(0, countWhile(rows.length, (k) => rows[k].start <= position) - 1);

/** A passage without the white space around it; null when nothing is left. */
export function trimmed(text, start, end) {
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  return start < end ? { start, end } : null;
}

const segmenters = new Map();
function segmenter(granularity, language) {
  const key = granularity + language;
  if (!segmenters.has(key)) {
    let made;
    try {
      made = new Intl.Segmenter(language || undefined, { granularity });
    } catch {
      made = new Intl.Segmenter(undefined, { granularity }); // a language that this browser cannot read
    }
    segmenters.set(key, made);
  }
  return segmenters.get(key);
}

/** The characters, words, sentences or the whole of one row, as passages. */
export function unitsOf(text, row, unit, language = "") {
  if (unit === "utterance") return [trimmed(text, row.start, row.end)].filter(Boolean);
  const granularity = { character: "grapheme", word: "word", sentence: "sentence" }[unit];
  const found = [];
  for (const s of segmenter(granularity, language).segment(text.slice(row.start, row.end))) {
    const passage = trimmed(text, row.start + s.index, row.start + s.index + s.segment.length);
    if (passage && (unit !== "word" || s.isWordLike)) found.push(passage);
  }
  return found;
}

/** The next (direction 1) or previous (-1) unit from a passage, over the ends of rows; null at the end of the text. */
export function step(doc, from, direction, unit) {
  let i = rowAt(doc.rows, direction > 0 ? from.end - 1 : from.start);
  for (; i >= 0 && i < doc.rows.length; i += direction) {
    const units = unitsOf(doc.text, doc.rows[i], unit, doc.language);
    const hit = direction > 0 ? units.find((u) => u.start >= from.end) : units.findLast((u) => u.end <= from.start);
    if (hit) return hit;
  }
  return null;
}

/** The unit around a position, or the next one. */
export function unitAround(doc, position, unit) {
  const units = doc.rows.length ? unitsOf(doc.text, doc.rows[rowAt(doc.rows, position)], unit, doc.language) : [];
  return units.find((u) => u.end > position) ?? units.at(-1) ?? null;
}

/** A row cut where a coding begins or ends: pieces with the codings on each. */
export function segmentsOf(row, codings, selection = null) {
  const inside = (p) => p.start < row.end && p.end > row.start;
  const cuts = new Set([row.start, row.end]);
  for (const p of selection && inside(selection) ? [...codings, selection] : codings) {
    cuts.add(Math.max(row.start, p.start)).add(Math.min(row.end, p.end));
  }
  const at = [...cuts].sort((a, b) => a - b);
  return at.slice(0, -1).map((start, k) => ({
    start,
    end: at[k + 1],
    codings: codings.filter((c) => c.start <= start && c.end >= at[k + 1]),
    selected: !!selection && selection.start <= start && selection.end >= at[k + 1],
  }));
}

/** A lane for each passage so that no two in one lane overlap. */
export function lanesOf(passages) {
  const ends = [];
  return passages.map((p) => {
    let lane = ends.findIndex((end) => end <= p.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = p.end;
    return lane;
  });
}

/** Ids of codings that no other coder shares: the same code on a passage that overlaps. */
export function differing(codings) {
  const byCode = new Map(codings.map((c) => [c.code, []]));
  for (const c of codings) byCode.get(c.code).push(c);
  const lonely = codings.filter((c) => !byCode.get(c.code).some((d) => d.coder !== c.coder && d.start < c.end && d.end > c.start));
  return new Set(lonely.map((c) => c.id));
}

/** Coded characters over all characters of the rows that are worth coding. */
export function coverage(rows, codings) {
  const spans = codings.map((c) => [c.start, c.end]).sort((a, b) => a[0] - b[0]);
  let [inside, total, at, until] = [0, 0, 0, 0];
  for (const row of rows) {
    if (!row.theirs) continue;
    total += row.end - row.start;
    let from = Math.max(row.start, Math.min(until, row.end));
    inside += from - row.start;
    for (; at < spans.length && spans[at][0] < row.end; at++) {
      const [start, end] = [Math.max(spans[at][0], from), Math.min(spans[at][1], row.end)];
      if (end > start) [inside, from] = [inside + end - start, end];
      until = Math.max(until, spans[at][1]);
    }
  }
  return total ? inside / total : 0;
}

/** "05:20", or "1:02:03" for what is longer than an hour. */
export function clock(ms) {
  const s = Math.floor(ms / 1000);
  const [h, m, two] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, (n) => String(n).padStart(2, "0")];
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
}
