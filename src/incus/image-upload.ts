/** Sending an image of two files, read from the disk as they are sent. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { Writable } from "node:stream";
import { IncusError, MissingError } from "../errors.ts";
import type { Api } from "./api.ts";
import { wordsOf } from "./failure.ts";
import type { StreamedBody } from "./transport.ts";
import type { Cancellable, ImageUpload } from "./types.ts";

type Progress = (sentBytes: number, totalBytes: number) => void;

/**
 * Incus hashes what arrives and refuses it when the fingerprint differs. No alias is set here: when an alias of the
 * upload is taken, Incus fails and keeps the image all the same.
 * @throws IncusError, CancelledError; MissingError when a file is not there
 */
export async function uploadImage(
  api: Api,
  project: string,
  image: ImageUpload,
  options: Cancellable & { readonly onProgress?: Progress },
): Promise<void> {
  const boundary = `floe-${randomUUID()}`;
  const bytes = await multipart(image, boundary, options.onProgress);
  const what = `upload the image ${image.fingerprint.slice(0, 12)}`;
  const headers = {
    "Content-Type": `multipart/form-data; boundary=${boundary}`,
    "X-Incus-fingerprint": image.fingerprint,
    "X-Incus-properties": new URLSearchParams(image.properties).toString(),
  };
  try {
    await api.call({
      what,
      method: "POST",
      path: "/1.0/images",
      query: { project },
      bytes,
      headers,
      signal: options.signal,
    });
  } catch (error) {
    if (!isDuplicate(error) || !(await isThere(api, project, image.fingerprint, options))) throw error;
  }
}

// --- internal ---

interface Part {
  readonly head: string;
  readonly file: string;
  readonly size: number;
}

/** The order matters to Incus: first the metadata, then the root file system. */
async function multipart(
  image: ImageUpload,
  boundary: string,
  onProgress: Progress | undefined,
): Promise<StreamedBody> {
  const parts = [
    await part("metadata", image.metadataPath, boundary),
    await part("rootfs", image.rootfsPath, boundary),
  ];
  const end = `--${boundary}--\r\n`;
  const length = parts.reduce(
    (sum, { head, size }) => sum + Buffer.byteLength(head) + size + 2,
    Buffer.byteLength(end),
  );
  return {
    length,
    async write(out) {
      let sent = 0;
      const put = async (chunk: string | Buffer) => {
        await write(out, chunk);
        sent += Buffer.byteLength(chunk);
        onProgress?.(sent, length);
      };
      for (const { head, file } of parts) {
        await put(head);
        for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) await put(chunk as Buffer);
        await put("\r\n");
      }
      await put(end);
    },
  };
}

async function part(name: string, file: string, boundary: string): Promise<Part> {
  const size = await sizeOf(file);
  const disposition = `form-data; name="${name}"; filename="${path.basename(file).replaceAll('"', "")}"`;
  return {
    head: `--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`,
    file,
    size,
  };
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new MissingError(`Cannot read the image's file "${file}": ${(cause as Error).message}`, { cause });
  }
}

/** Waits where the other side is slower; a closed connection ends the wait. */
async function write(out: Writable, chunk: string | Buffer): Promise<void> {
  if (out.destroyed) throw new Error("the connection was closed");
  if (out.write(chunk)) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(out, "drain", { signal }), once(out, "close", { signal })]).finally(() => settled.abort());
}

function isDuplicate(error: unknown): boolean {
  return error instanceof IncusError && /same fingerprint already exists/i.test(wordsOf(error));
}

async function isThere(api: Api, project: string, fingerprint: string, { signal }: Cancellable): Promise<boolean> {
  return (
    (await api.find({ what: "read the image", path: `/1.0/images/${fingerprint}`, query: { project }, signal })) !==
    undefined
  );
}
