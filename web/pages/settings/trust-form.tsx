/** Trusting a server by the token that it printed: its certificate is pinned, and floe's own is added there. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Settings, Trusted, TrustRequest } from "../../../src/serve/protocol.ts";
import { asRefused, post, type RefusedError } from "../../state/api.ts";
import { toast } from "../../state/toasts.ts";
import { Button, Refused } from "../../ui/basics.tsx";
import { Code } from "../../ui/code.tsx";

export function TrustForm({
  settings: { servers },
  onTrusted,
}: {
  readonly settings: Settings;
  readonly onTrusted: () => void;
}): JSX.Element {
  const untrusted = servers.find(({ kind, isTrusted }) => kind === "https" && !isTrusted);
  const [fields, setFields] = useState({ name: untrusted?.name ?? "", token: "", url: "" });
  const [error, setError] = useState<RefusedError>();
  const [isBusy, setBusy] = useState(false);
  const set = (key: keyof typeof fields) => (event: { readonly currentTarget: HTMLInputElement }) =>
    setFields({ ...fields, [key]: event.currentTarget.value });
  const send = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const { name, token, url } = fields;
    const request: TrustRequest = {
      name: name.trim(),
      token: token.trim(),
      ...(url.trim() === "" ? {} : { url: url.trim() }),
    };
    try {
      const trusted = await post<Trusted>("api/remotes", request);
      toast(`${trusted.name} is trusted`, { tone: "good", hint: trusted.url });
      setFields({ name: "", token: "", url: "" });
      onTrusted();
    } catch (thrown) {
      setError(asRefused(thrown));
    }
    setBusy(false);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p class="soft">On the server, this prints a token that works once:</p>
      <Code label="Command that prints a token" text="incus config trust add floe" />
      {error === undefined ? null : <Refused error={error} />}
      <label class="form-row">
        <span>Name</span>
        <input class="field" required maxLength={63} autocomplete="off" value={fields.name} onInput={set("name")} />
        <small>As the fleet calls the server.</small>
      </label>
      <label class="form-row">
        <span>Token</span>
        <input
          class="field"
          required
          autocomplete="off"
          spellcheck={false}
          value={fields.token}
          onInput={set("token")}
        />
      </label>
      <label class="form-row">
        <span>Address</span>
        <input class="field" type="url" placeholder="https://crown.lan:8443" value={fields.url} onInput={set("url")} />
        <small>Left empty: the first address of the token that answers.</small>
      </label>
      <div>
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Trust it
        </Button>
      </div>
    </form>
  );
}
