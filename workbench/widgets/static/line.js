// The line between a view and its study: requests go out, answers come in, and nothing that was asked for is lost or done twice.
// Study text is in no trait: everything travels in these messages.

/** A random id; randomUUID is missing on pages that came over plain http. */
export function newId() {
  if (globalThis.crypto.randomUUID) return crypto.randomUUID();
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** What was asked and not answered yet, kept in the browser: one entry each, so that two tabs never write the same one. */
export function queueIn(storage, prefix) {
  const key = (message) => `${prefix}${String(message.order).padStart(20, "0")}:${message.id}`;
  const safely = (work) => {
    try {
      return work();
    } catch {
      return null; // no storage, or a full one: the queue then lives as long as the page
    }
  };
  return {
    put: (message) => safely(() => storage.setItem(key(message), JSON.stringify(message))),
    drop: (message) => safely(() => storage.removeItem(key(message))),
    all: () =>
      safely(() => Object.keys(storage).filter((k) => k.startsWith(prefix)).sort().map((k) => JSON.parse(storage.getItem(k)))) ?? [],
  };
}

const ANSWER_WITHIN_MS = 2000;
// Jupyter's server holds an answer back until the browser's system confirms the message before it, which takes it 40 ms, unless it
// has something to send: then the confirmation travels along.
const HURRY_AFTER_MS = [5, 11];

/**
 * Opens the line of one view and closes it with the view.
 *
 * `settle(message, answer, buffers)` draws an answer; `news()` gives the request that asks what others did, or null while there is
 * nothing to ask about; `changed()` is called when what `status()` says may have changed.
 */
export function openLine({ model, view, settle, news, changed }) {
  const waiting = new Map();
  let queue = queueIn({}, ""), serial = 0, beats = 0, silent = false, order = Date.now() * 1000, savedAt = "", complaint = "", complainedAt = 0;
  const probe = {};

  /** Send a request.  One that is to be kept stays in the browser until it is answered. */
  function ask(body, keep = false) {
    const message = { id: newId(), ...body };
    if (keep) queue.put(Object.assign(message, { order: order++ }));
    post(message, keep);
    if (keep) queueMicrotask(changed); // when what asked is done with drawing
    return message;
  }
  function post(message, keep) {
    waiting.set(message.id, { message, keep, at: performance.now(), serial: ++serial, later: false });
    try {
      model.send(message);
      if (keep) for (const ms of HURRY_AFTER_MS) setTimeout(() => !view.signal.aborted && waiting.has(message.id) && hurry(), ms);
    } catch {
      silent = true; // the line to the kernel is closed: what is kept is sent when there is one again
    }
  }
  function hurry() {
    try {
      model.send({ op: "hurry" });
    } catch {} // the line is closed by now
  }
  function receive(answer, buffers) {
    const asked = waiting.get(answer?.re);
    if (!asked) return; // of another view of the same model
    silent = false;
    if (asked.message.op === "changes") Object.assign(probe, { asked: serial, emptyMs: performance.now() - asked.at });
    if (!answer.ok && answer.again) {
      complaint = answer.error;
      asked.later = true;
      return changed();
    }
    waiting.delete(answer.re);
    settle(asked.message, answer, buffers);
    if (asked.keep) {
      queue.drop(asked.message);
      if (answer.ok) savedAt = new Date().toLocaleTimeString([], { hour12: false });
    }
    if (!answer.ok) [complaint, complainedAt] = [answer.error, serial];
    else if (asked.keep && asked.serial > complainedAt) complaint = ""; // what was on its way already does not hide a refusal
    // Messages are answered in order: one that was sent before this one and has no answer is lost.
    for (const w of [...waiting.values()]) if (w.keep && !w.later && w.serial < asked.serial) post(w.message, true);
    changed();
  }
  /** Every half second: notice silence, send again what could not be saved, ask what others did. */
  function tick() {
    const request = ++beats % 4 === 0 && document.visibilityState === "visible" ? news() : null;
    if (request && ![...waiting.values()].some((w) => w.message.op === "changes")) {
      ask({ op: "changes", ...request });
      for (const w of waiting.values()) if (w.later) post(w.message, true);
    }
    const late = [...waiting.values()].some((w) => performance.now() - w.at > ANSWER_WITHIN_MS * (w.keep ? 1 : 2));
    if (late !== silent || unsaved()) {
      silent = late;
      changed();
    }
  }
  const unsaved = () => [...waiting.values()].filter((w) => w.keep).length;

  model.on("msg:custom", receive);
  const beat = setInterval(tick, 500);
  view.signal.addEventListener("abort", () => (clearInterval(beat), model.off("msg:custom", receive)), { once: true });
  return {
    ask,
    /** Where requests are kept from now on; gives those of an earlier page that are waiting there. */
    keepAt(prefix) {
      queue = queueIn(storage(), prefix);
      return queue.all().filter((message) => !waiting.has(message.id));
    },
    resend: (message) => post(message, true),
    /** The kept requests that have no answer yet, oldest first. */
    kept: () => [...waiting.values()].filter((w) => w.keep).map((w) => w.message),
    complain(sentence) {
      complaint = sentence;
      changed();
    },
    /** What stands in the status line: how many are unsaved, whether all is well, and the words. */
    status() {
      const n = unsaved(), stuck = n && (silent || [...waiting.values()].some((w) => w.later));
      const kept = `${n} not saved yet: kept in this browser until the kernel answers. After a restart, run the cell again (or reload the page, where there are no cells).`;
      const words = stuck ? (complaint ? `${n} not saved yet. ${complaint}` : kept) : complaint ? complaint : n ? "saving …" : silent ? "The kernel is busy or gone. What you do is kept in this browser." : savedAt ? `✓ saved ${savedAt}` : "✓ nothing unsaved";
      return { n, words, well: !complaint && !stuck, ...probe };
    },
  };
}

/** What the browser keeps; to ask for it alone is an error in a frame whose storage is blocked. */
function storage() {
  try {
    return globalThis.localStorage ?? {};
  } catch {
    return {};
  }
}

/** What this browser remembers under a name, or `otherwise`. */
export function remembered(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {} // it is then forgotten with the page
}
