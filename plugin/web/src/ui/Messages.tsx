/** What the service said: problems stay until they are closed. */
import { dismiss, messages } from "../app";
import { IconButton } from "./controls";

export function Messages() {
  return (
    <div class="messages" role="status" aria-live="polite">
      {messages.value.map((message) => (
        <div class={`message message-${message.kind}`} key={message.id}>
          <div>
            <p>{message.text}</p>
            {message.hint && <p class="message-hint">{message.hint}</p>}
          </div>
          <IconButton icon="close" label="Close this message" onClick={() => dismiss(message.id)} />
        </div>
      ))}
    </div>
  );
}
