// The recording of a transcript.  It comes from Jupyter's own file server where that can see the study, otherwise in pieces from the kernel.

import { h } from "./parts.js";

const MOST_BY_KERNEL = 80e6; // bytes
// Jupyter stops what a kernel sends faster than a megabyte a second.
const PIECE_EVERY_MS = 600;

/** Where Jupyter's file server could have a file, most likely first: it sees a folder that is above the file, and which one is not known. */
export function addressesOf(base, path) {
  const parts = path.split("/").filter(Boolean);
  return parts.map((_, k) => `${base}files/${parts.slice(k).map(encodeURIComponent).join("/")}`);
}

/** `ask()` and `askPiece(from)` request the recording; `onTime(ms, playing)` is told where it is. */
export function playerIn({ ask, askPiece, view, say, onTime }) {
  const node = h("div", { class: "wbc-player", hidden: true });
  let media = null, offered = null, wanted = null, pieces = [], address = "";

  function offer(recording) {
    if (recording?.name === offered?.name && recording?.transcript === offered?.transcript) return;
    stop();
    offered = recording ?? null;
    node.hidden = !offered;
    if (!offered) return;
    media = h(offered.type.startsWith("video/") ? "video" : "audio", { controls: true, preload: "metadata", "aria-label": `Recording ${offered.name}`, tabindex: "-1" });
    const tell = () => onTime(1000 * media.currentTime, !media.paused);
    for (const type of ["timeupdate", "seeked"]) media.addEventListener(type, tell);
    media.addEventListener("error", () => media.src && say(`This browser cannot play the recording ${offered.name} (${offered.type}).`));
    node.replaceChildren(media);
    find();
  }
  function stop() {
    media?.pause();
    media?.removeAttribute("src");
    if (address.startsWith("blob:")) URL.revokeObjectURL(address);
    [media, wanted, pieces, address] = [null, null, [], ""];
    node.replaceChildren();
  }
  /** Ask Jupyter's file server first: it sends what is heard, and no more. */
  async function find() {
    const mine = media, config = document.getElementById("jupyter-config-data");
    const base = config ? JSON.parse(config.textContent).baseUrl ?? "/" : "";
    for (const url of base ? addressesOf(base, offered.path) : []) {
      const there = await fetch(url, { method: "HEAD", credentials: "same-origin" }).catch(() => null);
      if (mine !== media) return;
      if (there?.ok && +there.headers.get("Content-Length") === offered.size) return use(url);
    }
    node.dataset.by = "kernel";
  }
  function use(url) {
    address = media.src = url;
    if (pieces.length) say("");
    node.dataset.by ||= "files";
    if (wanted != null) start(wanted);
  }
  function start(ms) {
    wanted = null;
    if (ms >= 0) media.currentTime = ms / 1000;
    media.play().catch((error) => say(`The recording does not play: ${error.message}`));
  }
  /** Play from a time; -1 is from where it stands. */
  function playFrom(ms) {
    if (!media) return say("This transcript has no recording. Import one with: workbench import recordings/P03.mp3");
    if (address) return start(ms);
    const begun = wanted != null;
    wanted = ms;
    if (begun || node.dataset.by !== "kernel") return; // it starts when it is found
    if (offered.size > MOST_BY_KERNEL) return say(`The recording ${offered.name} is too large to come through the kernel. Start Jupyter in a folder above the study: it can then be played.`);
    say("Fetching the recording …");
    ask();
  }
  function take(answer, buffers) {
    if (!answer.ok || !media || answer.transcript !== offered.transcript) return;
    pieces.push(buffers[0]);
    const had = pieces.reduce((n, piece) => n + piece.byteLength, 0);
    if (had >= offered.size) return use(URL.createObjectURL(new Blob(pieces, { type: offered.type })));
    say(`Fetching the recording: ${Math.floor((100 * had) / offered.size)} %`);
    setTimeout(() => !view.signal.aborted && media && askPiece(had), PIECE_EVERY_MS);
  }
  view.signal.addEventListener("abort", stop, { once: true });
  return {
    node, offer, take, playFrom,
    toggle: () => (media && address && !media.paused ? media.pause() : playFrom(-1)),
    skip: (seconds) => media && address && (media.currentTime += seconds),
    /** While it is paused it waits at the time of the words that are looked at. */
    wait: (ms) => media && address && media.paused && (media.currentTime = ms / 1000),
  };
}
