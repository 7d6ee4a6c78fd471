"""Knowledge and the world of standards: RDF, SHACL, SPARQL and the Asset Administration Shell."""
