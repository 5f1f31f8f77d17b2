// Package catalogue is the films that members pick from: what a film is, how one is
// found, and how the list of them is turned into pages.
//
// httpapi asks a Catalogue for pages and films, match asks it for titles. Films are kept
// by the store and counts of waiting members by the queue; both are ports here.
package catalogue
