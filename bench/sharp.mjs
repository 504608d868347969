// Answers each line of JSON with the seconds that sharp took over the file it names.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false);
for await (const line of createInterface({ input: process.stdin })) {
  const { file, side } = JSON.parse(line);
  const data = readFileSync(file);
  const started = performance.now();
  await sharp(data)
    .rotate()
    .resize(side, side, { fit: "cover", withoutEnlargement: true })
    .flatten({ background: "white" })
    .jpeg({ quality: 85, progressive: true, optimiseCoding: true })
    .toBuffer();
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
}
