// The note inside a picture that the page itself draws and saves: how it was made, and that a machine made it. It is
// that of media/provenance.py, which reads it.
(() => {
  const look = (window.justLook ??= {});
  const IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/";
  const BEFORE_DATA = 33; // bytes of a PNG until its first chunk, IHDR, is over

  const packet = (source) => `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Just Look"
    Iptc4xmpExt:DigitalSourceType="${source}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`;

  // The checksum that ends each chunk of a PNG.
  const crc32 = (bytes) => {
    let sum = ~0;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
  };

  // A chunk of text in UTF-8: its length, its type and content, and their checksum.
  const chunk = (key, text) => {
    const content = new TextEncoder().encode(`iTXt${key}\0\0\0\0\0${text}`); // neither compressed nor translated
    const whole = new Uint8Array(content.length + 8), view = new DataView(whole.buffer);
    view.setUint32(0, content.length - 4);
    whole.set(content, 4);
    view.setUint32(content.length + 4, crc32(content));
    return whole;
  };

  // A PNG as a Blob with the note. `settings` is an object for JSON; `source` is "generated" for what a generator drew
  // and "composite" for a restyled photograph.
  look.noted = async (blob, settings, source) => {
    const type = source === "generated" ? "trainedAlgorithmicMedia" : "compositeWithTrainedAlgorithmicMedia";
    const note = [chunk("XML:com.adobe.xmp", packet(IPTC + type)), chunk("just-look:settings", JSON.stringify(settings))];
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return new Blob([bytes.subarray(0, BEFORE_DATA), ...note, bytes.subarray(BEFORE_DATA)], { type: "image/png" });
  };
})();
