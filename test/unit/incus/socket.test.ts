import { describe, expect, test } from "vitest";
import { IncusError, MissingError } from "../../../src/errors.ts";
import { socketFailure, socketPath } from "../../../src/incus/socket.ts";

describe("socketPath()", () => {
  test("is INCUS_SOCKET, else that of INCUS_DIR, else the system's: what is named is the only one", () => {
    expect(socketPath(undefined, { INCUS_SOCKET: "/a.socket", INCUS_DIR: "/b" })).toBe("/a.socket");
    expect(socketPath(undefined, { INCUS_DIR: "/b" })).toBe("/b/unix.socket");
    expect(socketPath(undefined, { INCUS_SOCKET: "" })).toBe("/var/lib/incus/unix.socket");
  });

  test("is the one that the fleet names", () => {
    expect(socketPath("/mine", { INCUS_SOCKET: "/a" })).toBe("/mine");
  });
});

describe("socketFailure()", () => {
  const failure = (code: string) =>
    socketFailure("/s", "list the instances", Object.assign(new Error(`connect ${code} /s`), { code }));

  test("names the socket, the group and the command when there is no permission", () => {
    expect(failure("EACCES")).toBeInstanceOf(MissingError);
    expect(failure("EACCES")).toMatchObject({
      message: 'No permission to use the Incus socket "/s"',
      hint: expect.stringContaining("sudo usermod -aG incus-admin $USER"),
    });
  });

  test("names the socket and floe doctor when nobody answers", () => {
    expect(failure("ECONNREFUSED")).toMatchObject({
      code: "MISSING",
      message: 'Incus does not answer on its socket "/s"',
      hint: expect.stringContaining("floe doctor"),
    });
    expect(failure("ENOENT")).toMatchObject({ code: "MISSING", hint: expect.stringContaining("floe doctor") });
  });

  test("says what was being done when the connection breaks", () => {
    expect(failure("ECONNRESET")).toBeInstanceOf(IncusError);
    expect(failure("ECONNRESET").message).toBe(
      'Cannot list the instances: the connection to Incus on "/s" broke: connect ECONNRESET /s',
    );
  });
});
