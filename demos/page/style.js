// The line between the photo and the painting follows the hand, the finger or the arrow keys.
(() => {
  addEventListener("input", (event) => {
    const line = event.target.closest?.(".compare input");
    if (line) line.parentElement.style.setProperty("--cut", `${line.value}%`);
  });
})();
