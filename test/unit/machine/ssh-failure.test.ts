import { describe, expect, test } from "vitest";
import { describeFailure } from "../../../src/machine/ssh-failure.ts";
import type { Way } from "../../../src/machine/ssh-hops.ts";
import { isBeforeTarget, readReason } from "../../../src/machine/ssh-reason.ts";

const cut = "kex_exchange_identification: Connection closed by remote host\n";
const direct: Way = { target: { name: "crown", host: "10.0.0.1" }, jumps: [] };
const behind: Way = { target: { name: "crown", host: "10.0.0.1" }, jumps: [{ name: "me@gate", host: "gate.example" }] };
const explain = (stderr: string, way: Way = direct) =>
  describeFailure({ destination: "crown", reason: readReason(stderr), way, isBefore: isBeforeTarget(stderr) });

const changed = `@@@@@
The fingerprint for the ED25519 key sent by the remote host is
SHA256:abc/def.
Offending ED25519 key in /home/me/.ssh/known_hosts:3
  remove with:
  ssh-keygen -f "/home/me/.ssh/known_hosts" -R "gate.example"
Host key for gate.example has changed and you have requested strict checking.
Host key verification failed.
`;

describe("what ssh's words mean", () => {
  test.each([
    [changed, behind, 'the host key of the jump host "me@gate" is another one than before (SHA256:abc/def)'],
    ["Host key verification failed.\n", direct, "the host key of crown is not known"],
    [
      "me@10.0.0.1: Permission denied (publickey,password).\n",
      direct,
      'crown refuses the user "me" (it takes: publickey, password)',
    ],
    [
      `me@gate.example: Permission denied (publickey).\n${cut}`,
      behind,
      'the jump host "me@gate" refuses the user "me" (it takes: publickey)',
    ],
    ["me@10.0.0.1: Permission denied (publickey).\n", behind, 'crown refuses the user "me" (it takes: publickey)'],
    [
      "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\n",
      direct,
      "crown ended the connection after too many keys of the agent",
    ],
    [
      "ssh: Could not resolve hostname 10.0.0.1: Name or service not known\n",
      direct,
      'no address is known for "10.0.0.1"',
    ],
    [
      `ssh: Could not resolve hostname gate.example: Name or service not known\n${cut}`,
      behind,
      'no address is known for the jump host "me@gate"',
    ],
    ["ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n", direct, "crown takes no connections on port 22"],
    ["ssh: connect to host 10.0.0.1 port 22: Connection timed out\r\n", direct, "it does not answer"],
    [
      `ssh: connect to host gate.example port 22: Connection timed out\n${cut}`,
      behind,
      'the jump host "me@gate" does not answer',
    ],
    ["Connection timed out during banner exchange\n", direct, "it does not answer"],
    ["ssh: connect to host 10.0.0.1 port 22: No route to host\n", direct, "No route to host (crown, port 22)"],
    [
      `channel 0: open failed: connect failed: No route to host\nstdio forwarding failed\n${cut}`,
      behind,
      'the jump host "me@gate" cannot reach it: No route to host',
    ],
    [
      "/home/me/.ssh/config: line 3: Bad configuration option: foo\n",
      direct,
      "ssh does not take its configuration: /home/me/.ssh/config: line 3: Bad configuration option: foo",
    ],
    [cut, direct, "crown ended the connection before ssh could begin"],
    [cut, behind, 'the jump host "me@gate" ended the connection before ssh could begin'],
    ["something quite new\n", direct, "something quite new"],
  ] as const)("%#", (stderr, way, words) => {
    const error = explain(stderr, way);
    expect(error.message).toBe(`Cannot reach crown: ${words}`);
    expect(error.hint).toBeTruthy();
  });

  test.each([
    ["", "The connection to crown ended"],
    [
      "Timeout, server 10.0.0.1 not responding.\n",
      "The connection to crown ended: Timeout, server 10.0.0.1 not responding",
    ],
    [
      "some output\nclient_loop: send disconnect: Broken pipe\n",
      "The connection to crown ended: client_loop: send disconnect: Broken pipe",
    ],
    [
      "Connection to 10.0.0.1 closed by remote host.\n",
      "The connection to crown ended: Connection to 10.0.0.1 closed by remote host",
    ],
  ])("a connection that ended: %j", (stderr, words) => {
    expect(explain(stderr).message).toBe(words);
  });

  test("a key that changed comes with the command that forgets it", () => {
    expect(explain(changed, behind)).toMatchObject({
      hint: expect.stringContaining(
        'ssh-keygen -f "/home/me/.ssh/known_hosts" -R "gate.example", then: ssh me@gate true',
      ),
      details: { where: "crown", hop: "me@gate", reason: "key-changed" },
    });
  });
});
