/** Who has no session reads here how to get one. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { LoginRequest } from "../../src/serve/protocol.ts";
import { asRefused, post, type RefusedError } from "../state/api.ts";
import { Button, Refused } from "../ui/basics.tsx";
import { Mark } from "../ui/icons.tsx";

export function SignInPage(): JSX.Element {
  const [token, setToken] = useState("");
  const [refused, setRefused] = useState<RefusedError>();
  const enter = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await post("api/login", { token } satisfies LoginRequest);
      location.reload();
    } catch (error) {
      setRefused(asRefused(error));
    }
  };
  return (
    <main class="alone">
      <Mark size={44} />
      <h1>Open the link that floe printed</h1>
      <p>
        This browser is not signed in. <code>floe serve</code> prints a link when it starts: open it here. It works
        once; this prints a new one, on the machine that floe runs on:
      </p>
      <pre class="command">
        <code>floe serve --new-link</code>
      </pre>
      <form class="sign-in" onSubmit={(event) => void enter(event)}>
        <label>
          <span>Or paste the link here</span>
          <input
            class="field"
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <Button kind="primary" type="submit">
          Sign in
        </Button>
      </form>
      {refused === undefined ? null : <Refused error={refused} />}
      <p class="faint">A session ends after 30 days without use.</p>
    </main>
  );
}

/** The server did not answer at all. */
export function CannotStartPage({ why }: { readonly why: string }): JSX.Element {
  return (
    <main class="alone">
      <Mark size={44} />
      <h1>The dashboard cannot start</h1>
      <p role="alert">{why}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        Try again
      </Button>
    </main>
  );
}
