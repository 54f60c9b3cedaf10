import { expect, test } from "vitest";
import { hasStatus, incusFailure, wordsOf } from "../../../src/incus/failure.ts";

const failure = (words: string, status = 400) =>
  incusFailure({ what: 'create the instance "web"', method: "POST", path: "/1.0/instances", status, words });

test("incusFailure() says what failed in floe's words and why in the server's", () => {
  const error = failure("Bad thing");
  expect(error.message).toBe('Cannot create the instance "web": Bad thing');
  expect(error.details).toEqual({ status: 400, method: "POST", path: "/1.0/instances", words: "Bad thing" });
  expect(wordsOf(error)).toBe("Bad thing");
  expect(error.hint).toBeUndefined();
  expect(hasStatus(error, 400)).toBe(true);
  expect(hasStatus(error, 404)).toBe(false);
  expect(hasStatus(new Error("x"), 400)).toBe(false);
});

test.each([
  ["write /x/y: no space left on device", 500, "disk"],
  ["Unable to unpack image, run out of disk space", 500, "disk"],
  ["Failed to listen on 127.0.0.1:80: bind: address already in use", 400, "port"],
  ['MAC address "00:16:3e:00:00:01" is already defined on another NIC', 400, "address"],
  ["not authorized", 403, "not trusted"],
  ["ETag doesn't match", 412, "new plan"],
])("incusFailure() knows what to do about: %s", (words, status, hint) => {
  expect(failure(words, status).hint).toContain(hint);
});
