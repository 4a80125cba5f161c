use sspi_doctor::flow::check::*; use sspi_doctor::flow::load::load; use sspi_doctor::probe::registry;
fn main(){ let probes: Vec<_> = registry::declarations().collect();
 let mut m=std::collections::BTreeMap::new(); for c in sspi_doctor::cause::Catalogue::embedded().causes(){ let mut p=CauseParameters::default(); for (n,x) in &c.parameters {p.required.insert(n.clone(),x.required);} m.insert(c.id.clone(),p);} 
 let causes=KnownCauses(m); let k=Knowledge{probes:&probes,causes:&causes};
 for f in std::env::args().skip(1) { let t=std::fs::read_to_string(&f).unwrap(); match load(&f,&t,&k){Ok(f)=>println!("ok {} {} steps",f.id,f.steps.len()),Err(d)=>for x in d{println!("{x}")}} } }
