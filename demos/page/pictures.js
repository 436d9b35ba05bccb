// The pictures of a ballot: shown at one moment, timed from then on, masked where the study says so.
(() => {
  const look = (window.justLook ??= {});
  const FRAME_MS = 1000 / 60;
  const frame = () => new Promise(requestAnimationFrame);

  const decoded = async (url, alt) => {
    const picture = new Image();
    picture.src = url;
    picture.alt = alt;
    picture.draggable = false;
    await picture.decode();
    picture.classList.toggle("small", picture.naturalWidth < 300); // small ones are enlarged without blur
    return picture;
  };

  // Decode ahead, so that nothing is left to do but to show them.
  const prepare = (ballot) => Promise.all(ballot.pictures.map(({ url, alt }) => decoded(url, alt)));

  const noise = ({ naturalWidth, naturalHeight }) => {
    const mask = document.createElement("canvas");
    [mask.width, mask.height] = [naturalWidth, naturalHeight];
    const grey = mask.getContext("2d").createImageData(naturalWidth, naturalHeight);
    for (let i = 0; i < grey.data.length; i += 4) {
      grey.data[i] = grey.data[i + 1] = grey.data[i + 2] = Math.random() * 256;
      grey.data[i + 3] = 255;
    }
    mask.getContext("2d").putImageData(grey, 0, 0);
    mask.setAttribute("role", "img");
    mask.setAttribute("aria-label", "The picture is over: noise");
    return mask;
  };

  // Lay a name on each picture, and mark the one that was chosen. A status line beside them is read out instead.
  const label = (place, names, chosen) => [...place.children].forEach((figure, number) => {
    const name = document.createElement("figcaption");
    name.setAttribute("aria-hidden", "true");
    name.textContent = names[number];
    figure.classList.toggle("chosen", number === chosen);
    figure.append(name);
  });

  const lay = (place, shown) => place.replaceChildren(...shown.map((one) => {
    const figure = document.createElement("figure");
    figure.append(one);
    return figure;
  }));

  // The photo and the painting that the pictures were made from, small, where the study shows them.
  const give = (place, given) => {
    place.hidden = !given;
    place.replaceChildren(...(given ?? []).map(({ url, alt }) => {
      const figure = document.createElement("figure");
      const name = Object.assign(document.createElement("figcaption"), { textContent: alt });
      name.setAttribute("aria-hidden", "true"); // the picture is called the same
      figure.append(Object.assign(new Image(), { src: url, alt, draggable: false }), name);
      return figure;
    }));
  };

  // Show all pictures in one frame. Returns a clock: milliseconds since they were there, or since they were masked.
  const show = async (place, pictures, exposureMs) => {
    place.classList.toggle("single", pictures.length === 1);
    place.classList.toggle("four", pictures.length === 4);
    place.removeAttribute("aria-busy");
    if (exposureMs) { // a fixed point first, so that the eye is there
      lay(place, pictures.map(() => Object.assign(document.createElement("div"), { className: "fixation" })));
      await new Promise((resolve) => setTimeout(resolve, 500));
      await frame();
    }
    lay(place, pictures);
    let shownAt = await frame();
    if (exposureMs) {
      const begun = shownAt;
      let now = begun;
      while (now - begun < exposureMs - FRAME_MS / 2) now = await frame();
      lay(place, pictures.map(noise));
      shownAt = now;
    }
    return () => Math.round(performance.now() - shownAt);
  };

  // While the pictures are fetched: boxes of the same size, so that nothing jumps.
  const wait = (place) => {
    place.setAttribute("aria-busy", "true");
    const boxes = place.classList.contains("single") ? 1 : place.classList.contains("four") ? 4 : 2;
    lay(place, Array.from({ length: boxes }, () => Object.assign(document.createElement("div"), { className: "empty" })));
  };

  look.pictures = { prepare, show, give, label, wait };
})();
