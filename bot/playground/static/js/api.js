// The page's three calls: state, older messages, and everything a person can do.

/** The server refused; `message` is its sentence, `status` 0 where it was not reached at all. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export class Api {
  /** Id of the person who acts; null lets the server choose. */
  user = null;

  state() {
    return request(`/playground/state${query({ user: this.user })}`);
  }

  /** Messages before `before`, oldest first. */
  async older(channel, before) {
    const answer = await request(
      `/playground/messages${query({ channel, before, user: this.user })}`,
    );
    return Array.isArray(answer) ? answer : answer.messages;
  }

  /** Does `action`; files travel as `files[n]` in the order given. */
  act(action, payload = {}, files = []) {
    const body = JSON.stringify({ user: this.user, action, ...payload });
    if (files.length === 0) {
      return request("/playground/act", {
        method: "POST",
        body,
        headers: { "Content-Type": "application/json" },
      });
    }
    const form = new FormData();
    form.append("payload_json", body);
    files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
    return request("/playground/act", { method: "POST", body: form });
  }
}

export function query(values) {
  const parameters = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  return parameters.size ? `?${parameters}` : "";
}

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("The playground does not answer. Is it still running?", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new ApiError(
      answer.error ?? `The playground answered ${response.status}.`,
      response.status,
    );
  return answer;
}
