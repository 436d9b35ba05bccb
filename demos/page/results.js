// The results page and the owner's page: sign-in by token, filter, downloads, upload and closing of studies.
(() => {
  const look = window.justLook;
  const query = new URLSearchParams(location.search);
  const wanted = query.get("results");
  if (wanted !== null) document.documentElement.classList.add("in-session");

  const base64Of = async (file) => {
    const url = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
    return url.slice(url.indexOf(",") + 1);
  };

  const begin = (root) => {
    const state = { study: wanted ?? "", checked: true };
    const say = (text) => {
      const message = root.querySelector("[data-part=message]");
      if (message) message.textContent = text;
    };

    const load = async () => {
      root.setAttribute("aria-busy", "true");
      try {
        const { html } = state.study
          ? await look.call("rating_results", state.study, look.owner.get(), state.checked)
          : await look.call("rating_owner", look.owner.get());
        root.innerHTML = html;
      } catch (error) {
        if (!root.childElementCount) root.innerHTML = '<p data-part="message" role="status"></p>';
        say(error.message);
      }
      root.removeAttribute("aria-busy");
    };

    const safely = (work) => async (event) => {
      try { await work(event); } catch (error) { say(error.message); }
    };

    root.addEventListener("click", safely(async (event) => {
      const button = event.target.closest("button");
      const { download, close, study, items } = button?.dataset ?? {};
      if (items) {
        const place = root.querySelector("[data-part=items]");
        place.textContent = "Drawing the pictures …";
        try {
          const { html } = await look.call("rating_items", items, look.owner.get(), state.checked);
          place.innerHTML = html;
          button.remove();
        } catch (error) {
          place.textContent = error.message;
        }
      }
      if (download) {
        say("Preparing the file …");
        const { url, name } = await look.call("rating_download", study, download, look.owner.get(), state.checked);
        look.fetchFile(`${window.gradio_config?.root ?? ""}/${url}`, name);
        say("");
      }
      if (close) {
        if (!confirm("Close this study? Nobody can take part afterwards.")) return;
        const reply = await look.call("rating_close", close, look.owner.get());
        await load();
        say(reply.message);
      }
    }));

    root.addEventListener("change", (event) => {
      if (event.target.dataset.part !== "checked") return;
      state.checked = event.target.checked;
      load();
    });

    root.addEventListener("submit", safely(async (event) => {
      event.preventDefault();
      const form = event.target;
      if (form.dataset.form === "token") {
        look.owner.set(form.elements.token.value);
        await load();
      }
      const declare = { invited: "people", register: "file", free: "id" }[form.dataset.form]; // its field
      if (declare) {
        const reply = form.querySelector("[data-part=reply]");
        const field = form.elements[declare];
        reply.textContent = field.files ? "Uploading …" : "Saving …";
        try {
          const value = field.files ? await base64Of(field.files[0]) : field.value;
          reply.textContent = (await look.call(`rating_${form.dataset.form}`, form.dataset.study, value, look.owner.get())).message;
        } catch (error) {
          reply.textContent = error.message;
        }
      }
      if (form.dataset.form === "upload") {
        const [study] = form.elements.study.files;
        const [pictures] = form.elements.pictures.files;
        if (!study) return;
        say("Uploading …");
        const reply = await look.call("rating_upload", study.name, await base64Of(study),
          pictures?.name ?? "", pictures ? await base64Of(pictures) : "", look.owner.get());
        await load();
        say(reply.message);
      }
    }));

    // In the tab the study is the one that is voted on, and nothing is computed before somebody opens it.
    const drawer = root.closest("details");
    if (!drawer) return load();
    drawer.addEventListener("toggle", () => {
      state.study = root.closest(".rating").querySelector('[data-part="picker"]').value || root.closest(".rating").dataset.study;
      if (drawer.open) load();
    });
  };

  new MutationObserver(() => {
    const place = wanted === null ? "details .results" : ".only-results"; // the tab's drawer, or a page of its own
    for (const root of document.querySelectorAll(`${place}:not([data-begun])`)) {
      root.dataset.begun = "yes";
      if (wanted !== null) { // a results page has no voting panel
        root.style.display = "flex";
        document.querySelector(".rating[data-study]").style.display = "none";
      }
      begin(root);
    }
  }).observe(document, { childList: true, subtree: true });
})();
