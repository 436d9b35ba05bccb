// Uploads that this browser can't show, such as HEIC: the server sends a copy in their place (demos/parts/uploads.py).
(() => {
  const look = (window.justLook ??= {});
  const SHOWN = /\.(jpe?g|png|webp|gif|bmp)$/i; // by name, without waiting for the file

  // The picture if this browser can't show it, else null.
  look.unseen = async (picture) => {
    if (!picture?.url || SHOWN.test(picture.path)) return null;
    const tried = new Image();
    tried.src = picture.url;
    try {
      await tried.decode();
      return null;
    } catch {
      return picture;
    }
  };
})();
