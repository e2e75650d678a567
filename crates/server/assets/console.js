// The console's script: small, and none of it is needed for reading. Pages say by attributes what they want:
//
//   data-live="PATH"         this region is replaced by what server-sent events of PATH send (HTML fragments, made by the server);
//                            an event named `x` goes to the region's child with data-part="x", an unnamed one to the region
//   data-filter="#TABLE"     an input that shows only the table's rows that have what is typed
//   data-confirm="QUESTION"  a form that is sent only after the question is answered with yes
//   data-submits             a select or checkbox that sends its form when it changes
'use strict';

function live(region) {
  let events;
  const put = (part, html) => {
    const place = part === 'message' ? region : region.querySelector('[data-part="' + CSS.escape(part) + '"]');
    // What one is typing in, or reading by the keyboard, stays.
    if (place && !place.contains(document.activeElement)) place.innerHTML = html;
  };
  const open = () => {
    events = new EventSource(region.dataset.live);
    events.onmessage = (event) => put('message', event.data);
    for (const part of region.querySelectorAll('[data-part]')) {
      events.addEventListener(part.dataset.part, (event) => put(part.dataset.part, event.data));
    }
    events.onopen = () => region.removeAttribute('data-stale');
    events.onerror = () => region.setAttribute('data-stale', '');
  };
  // A page that nobody looks at holds no connection.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) events.close();
    else open();
  });
  if (!document.hidden) open();
}

function filter(input) {
  const rows = () => document.querySelectorAll(input.dataset.filter + ' tbody tr');
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows()) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  };
  input.addEventListener('input', apply);
  apply();
}

function confirmed(form) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.answered) return;
    event.preventDefault();
    const dialog = document.createElement('dialog');
    const question = document.createElement('p');
    question.textContent = form.dataset.confirm;
    const actions = document.createElement('div');
    actions.className = 'actions';
    const yes = document.createElement('button');
    yes.type = 'button';
    yes.textContent = event.submitter ? event.submitter.textContent : 'Yes';
    const no = document.createElement('button');
    no.type = 'button';
    no.className = 'plain';
    no.textContent = 'Cancel';
    actions.append(yes, no);
    dialog.append(question, actions);
    document.body.append(dialog);
    dialog.addEventListener('close', () => dialog.remove());
    no.addEventListener('click', () => dialog.close());
    yes.addEventListener('click', () => {
      form.dataset.answered = 'yes';
      dialog.close();
      form.requestSubmit(event.submitter || undefined);
    });
    dialog.showModal();
    no.focus();
  });
}

// What scrolls sideways is reached by the keyboard too.
function scrollable(region) {
  region.tabIndex = 0;
  region.setAttribute('role', 'region');
  const title = region.querySelector('caption') || document.querySelector('h1');
  if (title && !region.hasAttribute('aria-label')) region.setAttribute('aria-label', title.textContent.trim());
}

document.querySelectorAll('.wide').forEach(scrollable);
document.querySelectorAll('[data-live]').forEach(live);
document.querySelectorAll('[data-filter]').forEach(filter);
document.querySelectorAll('form[data-confirm]').forEach(confirmed);
document.querySelectorAll('[data-submits]').forEach((control) => control.addEventListener('change', () => control.form.requestSubmit()));
