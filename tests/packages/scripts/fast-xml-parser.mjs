import { XMLParser, XMLBuilder, XMLValidator } from 'fast-xml-parser';
const xml = '<?xml version="1.0"?><root a="1"><item id="x">one &lt; two</item><item id="y"><![CDATA[<raw>]]></item><!-- c --><empty/><n>12.50</n></root>';
const parser = new XMLParser({ ignoreAttributes: false, cdataPropName: '#cdata' });
console.log(JSON.stringify(parser.parse(xml)));
console.log(new XMLBuilder({ ignoreAttributes: false, format: true }).build({ root: { '@_v': 2, list: { item: ['a', 'b & c'] } } }));
console.log(XMLValidator.validate(xml), JSON.stringify(XMLValidator.validate('<a><b></a>')));
