//! A good name server for the domains of the hostile hosts: `dc.NAME.example`
//! has the address of the host NAME, and NAME.example has its records.

use std::net::Ipv4Addr;

use tokio::net::UdpSocket;

use super::behaviour;

/// Where it listens.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Answers until the test ends.
pub async fn serve() {
    let socket = UdpSocket::bind((SERVER, 53)).await.unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = answer(&buffer[..length]) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
}

/// The name of a question, and where it ends.
fn name(question: &[u8]) -> Option<(Vec<String>, usize)> {
    let mut labels: Vec<String> = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels, at));
        }
        let label = question.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += length;
    }
}

/// The question of a message: name, type and class.
pub fn question(message: &[u8]) -> Option<&[u8]> {
    message.get(12..name(message)?.1 + 4)
}

/// RFC 1035 4.1. The question stands in the answer as it came.
pub fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let (labels, at) = name(question)?;
    let kind = u16::from_be_bytes(question.get(at..at + 2)?.try_into().ok()?);
    let data = records(&labels, kind);
    let mut answer = question[..2].to_vec();
    // An authoritative answer, recursion available; one question.
    answer.extend([0x85, 0x80, 0, 1, 0, u8::from(data.is_some()), 0, 0, 0, 0]);
    answer.extend(&question[12..at + 4]);
    if let Some(data) = data {
        answer.extend([0xc0, 12]);
        answer.extend(kind.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        answer.extend(data);
    }
    Some(answer)
}

fn records(labels: &[String], kind: u16) -> Option<Vec<u8>> {
    const A: u16 = 1;
    const SRV: u16 = 33;
    let count = labels.len();
    let name = labels.get(count.checked_sub(2)?)?;
    let address = behaviour::address_of(name)?;
    match (kind, labels.first()?.as_str()) {
        (A, _) => Some(address.octets().to_vec()),
        (SRV, service) => {
            let port: u16 = match service {
                "_ldap" => 389,
                "_kerberos" => 88,
                "_gc" => 3268,
                _ => return None,
            };
            let mut data = vec![0, 0, 0, 100];
            data.extend(port.to_be_bytes());
            for label in ["dc", name, "example"] {
                data.push(u8::try_from(label.len()).ok()?);
                data.extend(label.as_bytes());
            }
            data.push(0);
            Some(data)
        }
        _ => None,
    }
}
