/** How far people are with a line's words, and what they say about it. */
import { useState } from "preact/hooks";
import { addComment, changeComment, deleteComment, setStates } from "../project";
import { STATES, STATE_NAMES } from "../selection";
import { plural } from "../time";
import type { Comment, Line, ReviewState } from "../types";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";

/** The compact mark in the list: a ring that fills as the words are looked at, and whether there are comments. */
export function ReviewMark({ line }: { line: Line }) {
  const open = line.comments.filter((one) => !one.resolved).length;
  const told = open ? `${STATE_NAMES[line.review]}, ${plural(open, "open comment")}` : STATE_NAMES[line.review];
  return (
    <span class="review-mark" role="img" aria-label={told} title={told} data-review={line.review}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="5" />
        {line.review === "translated" && <path d="M8 3a5 5 0 0 1 0 10z" />}
        {line.review === "reviewed" && <circle class="review-full" cx="8" cy="8" r="5" />}
        {line.review === "approved" && <path class="review-check" d="M4.6 8.3 7 10.6l4.6-5" />}
      </svg>
      {open > 0 && <Icon name="comment" />}
    </span>
  );
}

export function StateChoice({ line }: { line: Line }) {
  return (
    <select
      class="state-choice"
      aria-label="Review state"
      value={line.review}
      onChange={(event) => setStates([line.id], event.currentTarget.value as ReviewState)}
    >
      {STATES.map((state) => (
        <option value={state} key={state}>
          {STATE_NAMES[state]}
        </option>
      ))}
    </select>
  );
}

export function Review({ line }: { line: Line }) {
  return (
    <section class="review" aria-label="Review of this line">
      <NewComment key={line.id} line={line} />
      {line.comments.length > 0 && (
        <ul class="comments" aria-label="Comments">
          {line.comments.map((one) => (
            <OneComment key={one.id} line={line} comment={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

const AUTHOR = "rythmo.author";

/** Who comments from this browser; the service signs with the login name where nobody said it. */
export const authorName = () => localStorage.getItem(AUTHOR) ?? "";
const signAs = (name: string) => localStorage.setItem(AUTHOR, name.trim());

function NewComment({ line }: { line: Line }) {
  const [text, setText] = useState("");
  const save = async (event: Event) => {
    event.preventDefault();
    if (text.trim() && (await addComment(line.id, text.trim(), authorName()))) setText("");
  };
  return (
    <form class="comment-new" onSubmit={save}>
      <input
        id="comment"
        aria-label="New comment"
        placeholder="Comment"
        maxLength={5000}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      {text.trim() && (
        <>
          <input
            class="comment-author"
            aria-label="Your name"
            placeholder="Your name"
            maxLength={80}
            defaultValue={authorName()}
            onInput={(event) => signAs(event.currentTarget.value)}
          />
          <Button type="submit">Add</Button>
        </>
      )}
    </form>
  );
}

function OneComment({ line, comment }: { line: Line; comment: Comment }) {
  return (
    <li class="comment" data-resolved={comment.resolved || undefined}>
      <span class="comment-text" title={`${comment.author}, ${comment.time.slice(0, 10)}: ${comment.text}`}>
        <strong>{comment.author}</strong> {comment.text}
      </span>
      <Button
        kind="quiet"
        onClick={() => changeComment(line.id, comment.id, !comment.resolved)}
        title={`${comment.resolved ? "Open again" : "Resolve"}: ${comment.text}`}
      >
        {comment.resolved ? "Open again" : "Resolve"}
      </Button>
      <IconButton
        icon="close"
        label={`Delete the comment: ${comment.text}`}
        onClick={() => deleteComment(line.id, comment.id)}
      />
    </li>
  );
}
