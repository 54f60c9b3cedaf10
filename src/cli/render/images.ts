/** What `floe image list` and `floe image prune` print. */
import type { ImageList, ListedImage } from "../../list/read-images.ts";
import type { Problem } from "../../model/plan.ts";
import type { PrunedImage } from "../../pipeline.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { alignColumns } from "./table.ts";
import { age, bytes, counted } from "./words.ts";

export interface ImageOptions extends ErrorOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function renderImages({ images, problems }: ImageList, options: ImageOptions): string {
  const { colors } = options;
  const heads = ["container", "image", "size", "imported", "commit", "used by", ""].map((head) => colors.dim(head));
  const places = new Set(images.map(placeOf));
  const rows = images.map((image) => [
    ...cells(image, options, places.size > 1),
    image.usedBy.join(", "),
    image.keptFor === null ? colors.yellow("not needed") : image.usedBy.length > 0 ? "" : colors.dim(image.keptFor),
  ]);
  const lines = images.length === 0 ? ["No images"] : alignColumns([heads, ...rows]);
  return text([...lines, ...problems.flatMap((problem) => renderProblem(problem, options))]);
}

/** What a prune would do. */
export function renderPruning(
  images: readonly ListedImage[],
  problems: readonly Problem[],
  options: ImageOptions,
): string {
  const rest = problems.flatMap((problem) => renderProblem(problem, options));
  if (images.length === 0) return text(["Nothing to delete: every image is needed", ...rest]);
  const places = new Set(images.map(placeOf));
  const lines = alignColumns(
    images.map((image) => [`  ${options.colors.red("-")}`, ...cells(image, options, places.size > 1)]),
    1,
  );
  const sum = `${counted(images.length, "image")}, ${bytes(sizeOf(images))}`;
  return text([
    ...lines,
    "",
    `${options.colors.bold(sum)} would be deleted; nothing was. floe image prune --yes deletes ${images.length === 1 ? "it" : "them"}`,
    ...rest,
  ]);
}

/** What a prune did. */
export function renderPruned(images: readonly PrunedImage[], options: ImageOptions): string {
  const { colors } = options;
  const places = new Set(images.map(placeOf));
  const signs = { deleted: colors.green("✓"), kept: colors.dim("="), failed: colors.red("✗") };
  const lines = alignColumns(
    images.map((image) => [`  ${signs[image.outcome]}`, ...cells(image, options, places.size > 1), words(image)]),
    1,
  );
  const gone = images.filter(({ outcome }) => outcome === "deleted");
  return text([...lines, "", colors.bold(`${counted(gone.length, "image")} deleted, ${bytes(sizeOf(gone))} freed`)]);
}

// --- internal ---

function cells(image: ListedImage, { colors, now }: ImageOptions, withPlace: boolean): string[] {
  const name = image.container ?? image.aliases[0] ?? image.description;
  return [
    colors.bold(name) + (withPlace ? colors.dim(` on ${placeOf(image)}`) : ""),
    image.fingerprint.slice(0, 12),
    bytes(image.bytes),
    age(now - Date.parse(image.importedAt)),
    image.revision ?? "",
  ];
}

function words({ outcome, reason }: PrunedImage): string {
  return outcome === "deleted" ? "" : `${outcome === "kept" ? "stays: " : "failed: "}${reason ?? ""}`;
}

function placeOf({ server, project }: ListedImage): string {
  return project === "default" ? server : `${server}/${project}`;
}

function sizeOf(images: readonly ListedImage[]): number {
  return images.reduce((sum, image) => sum + image.bytes, 0);
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
