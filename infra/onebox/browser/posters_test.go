//go:build integration

package browser

import (
	"testing"

	"github.com/chromedp/cdproto/runtime"
)

// cramped is each film of the catalogue whose title does not fit its poster at some width: a
// word is broken, or something reaches over the edge, the credits or the rating.
const cramped = `(async () => {
  const {sheet} = await import(document.querySelector('script[type=module]').src.replace('app.js', 'poster.js'));
  await document.fonts.load('40px "League Gothic"');
  const films = [];
  for (let cursor = ''; cursor !== undefined;) {
    const page = await (await fetch('/match/movies?limit=100&cursor=' + cursor)).json();
    films.push(...page.items);
    cursor = page.nextCursor;
  }
  const box = document.body.appendChild(document.createElement('div'));
  const found = [];
  for (const width of [140, 171, 220]) {
    box.style.width = width + 'px';
    for (const film of films) {
      box.replaceChildren(sheet(film));
      const [poster, title, credits, rating] = ['.sheet', '.title', '.credits', '.rating'].map((part) => box.querySelector(part).getBoundingClientRect());
      const over = title.top < poster.top || rating.top < poster.top || title.bottom > credits.top + 1 || credits.bottom > poster.bottom;
      if (over || wide(box.querySelector('.title'), poster)) found.push(film.title + ' at ' + width);
    }
  }
  return found.length > 0 || films.length < 1000 ? [films.length + ' films', ...found] : [];

  function wide(title, poster) {
    const range = document.createRange();
    const texts = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const {index, 0: word} of texts.currentNode.data.matchAll(/[^\s-]+/g)) {
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        const lines = [...range.getClientRects()];
        if (lines.length > 1 || lines[0].right > poster.right) return true;
      }
    }
    return false;
  }
})()`

func TestPosters_holdEveryTitleOfTheCatalogue(t *testing.T) {
	p := person(t, chromium(t), "user1", start(t).url+"/match/")
	p.sees("textbox", "Your nickname")

	yes := true
	result := call(p, runtime.Evaluate, runtime.EvaluateParams{Expression: cramped, AwaitPromise: &yes, ReturnByValue: &yes})

	if result.ExceptionDetails != nil {
		t.Fatal(result.ExceptionDetails.Text, result.ExceptionDetails.Exception.Description)
	}
	if found := string(result.Result.Value); found != "[]" {
		t.Error("these do not fit:", found)
	}
}
