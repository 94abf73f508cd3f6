// Tells the page around this frame how high it is; without this script the frame scrolls.
const tell = () => parent.postMessage({ clusterHeight: document.documentElement.offsetHeight }, "*");

if (parent !== window) new ResizeObserver(tell).observe(document.documentElement);
