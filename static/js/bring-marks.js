// Marks come to learners at once, to others with the first thing that they do.
const bring = () => document.head.append(document.getElementById("marks").content);
if (document.documentElement.matches(".learner")) bring();
for (const name of ["pointerover", "keydown"]) addEventListener(name, bring, { once: true });
