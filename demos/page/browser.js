// What the page asks of the browser: to copy a text, to save a file, to keep the owner's token, each of which it may
// refuse, and to tell of changes.
(() => {
  const look = (window.justLook ??= {});
  const OWNER = "just-look-owner"; // in the storage of this tab only
  const KEPT_MS = 60_000; // for a slow download

  const owner = {
    get: () => { try { return sessionStorage.getItem(OWNER) ?? ""; } catch { return ""; } },
    set: (value) => { try { sessionStorage.setItem(OWNER, value); } catch { /* the form asks for it again */ } },
  };

  // Copy a text, which a field or another element shows; say what happened. Without permission, or on a page without
  // https, the browser's older way copies from a field; what is left selected can be copied by hand.
  const copy = async (text, place) => {
    if (place?.select) place.select();
    else if (place) getSelection().selectAllChildren(place);
    try {
      await navigator.clipboard.writeText(text);
      return "Copied.";
    } catch {
      return place && document.execCommand("copy") ? "Copied." : "Press Ctrl + C, or hold the text, to copy it.";
    }
  };

  // Let the browser fetch a file from an address and save it; it shows the progress itself.
  const fetchFile = (url, name) => {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  };

  // Let the browser save a file that the page has.
  const save = (name, blob) => {
    const url = URL.createObjectURL(blob);
    fetchFile(url, name);
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  };

  // Call `react` after the document has changed, before the next frame is painted: however many changes, once a frame.
  // Returns what plans a call by hand.
  const afterChanges = (react) => {
    let planned = false;
    const plan = () => {
      if (!planned) requestAnimationFrame(() => { planned = false; react(); });
      planned = true;
    };
    // Gradio changes a picture in place: then its words change and no part of the document.
    new MutationObserver(plan).observe(document, { childList: true, subtree: true, attributeFilter: ["alt"] });
    return plan;
  };

  Object.assign(look, { owner, copy, fetchFile, save, afterChanges });
})();
