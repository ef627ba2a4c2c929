// Two helps: rows that speak of the words in the search field, and of a graph what hangs together with the node under the pointer. Every page says the same without them.
"use strict";

function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

// a section stays while one of its rows does
function show(words) {
  let rows = 0;
  for (const section of document.querySelectorAll("[data-section]")) {
    let shown = 0;
    for (const row of section.querySelectorAll("[data-said]")) {
      const said = row.dataset.said;
      row.hidden = !words.every((word) => said.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    section.hidden = shown === 0;
    rows += shown;
  }
  return rows;
}

function searching(field) {
  const count = document.querySelector("[data-count]");
  const search = () => {
    const rows = show(plain(field.value).split(/\s+/).filter(Boolean));
    if (count) count.textContent = String(rows);
  };
  field.addEventListener("input", search);
  search();
}

// all nodes from which one can be reached, and all that it reaches
function related(edges, node) {
  const met = new Set([node]);
  for (const [near, far] of [["from", "to"], ["to", "from"]]) {
    const edge = [node];
    const seen = new Set(edge);
    while (edge.length) {
      const at = edge.pop();
      for (const each of edges) {
        if (each.dataset[near] === at && !seen.has(each.dataset[far])) {
          seen.add(each.dataset[far]);
          edge.push(each.dataset[far]);
        }
      }
    }
    for (const each of seen) met.add(each);
  }
  return met;
}

function lighting(graph) {
  const edges = [...graph.querySelectorAll("path[data-from]")];
  const nodes = [...graph.querySelectorAll("[data-node]")];
  const light = (met) => {
    for (const node of nodes) node.classList.toggle("dim", met !== null && !met.has(node.dataset.node));
    for (const edge of edges) {
      const lit = met !== null && met.has(edge.dataset.from) && met.has(edge.dataset.to);
      edge.classList.toggle("lit", lit);
      edge.classList.toggle("dim", met !== null && !lit);
    }
  };
  const focus = graph.querySelector(".focus");
  if (focus) {
    const box = focus.getBBox();
    graph.parentElement.scrollLeft = box.x + box.width - graph.parentElement.clientWidth; // what the page is about is in sight
  }
  for (const node of nodes) {
    for (const name of ["pointerenter", "focusin"]) node.addEventListener(name, () => light(related(edges, node.dataset.node)));
    for (const name of ["pointerleave", "focusout"]) node.addEventListener(name, () => light(null));
  }
}

document.querySelectorAll("input[data-find]").forEach(searching);
document.querySelectorAll("svg[data-graph]").forEach(lighting);
