// Draws faces of Open Peeps: a JSON list of DiceBear's options comes in, raw RGB pixels go out, face by face.
// It runs in a folder whose node_modules holds the three packages: see training/data/faces.py.
import { readFileSync, openSync, writeSync, closeSync } from "node:fs";
import { createAvatar } from "@dicebear/core";
import * as openPeeps from "@dicebear/open-peeps";
import { Resvg, initWasm } from "@resvg/resvg-wasm";

const [list, target, side] = process.argv.slice(2);
await initWasm(readFileSync("node_modules/@resvg/resvg-wasm/index_bg.wasm"));
const file = openSync(target, "w");
for (const options of JSON.parse(readFileSync(list, "utf8"))) {
  const svg = createAvatar(openPeeps, { ...options, backgroundColor: ["ffffff"] }).toString();
  const resvg = new Resvg(svg, { fitTo: { mode: "width", value: Number(side) } });
  const picture = resvg.render();
  const rgba = picture.pixels; // opaque: the background is white
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, j = 0; i < rgba.length; i += 4, j += 3) {
    rgb[j] = rgba[i];
    rgb[j + 1] = rgba[i + 1];
    rgb[j + 2] = rgba[i + 2];
  }
  writeSync(file, rgb);
  picture.free();
  resvg.free();
}
closeSync(file);
