(function(){
var d=document,box=d.getElementById('unlock');
var form=d.getElementById('go'),say=d.getElementById('say'),badge=d.getElementById('badge'),list=d.getElementById('steps');
if(!form)return;
var li=list.children,button=form.querySelector('button'),word=button.firstChild,h1=d.querySelector('h1');
// In the language of this page, whatever another tab has chosen since.
var names=['asked','sent','unlocked','seen'],lang='?lang='+d.documentElement.lang,src=null,timer=0,ended=false,open=false,grant=box.getAttribute('data-grant'),heard=false,asking=0,WAIT=300000;
function hush(n){var x=d.getElementById(n);if(x)x.className='hide'}
function text(n){return box.getAttribute('data-'+n)}
function id(){var s='',k,r,a=new Uint8Array(16);if(window.crypto&&crypto.getRandomValues)crypto.getRandomValues(a);else for(k=0;k<16;k++)a[k]=Math.random()*256;
a[6]=a[6]&15|64;a[8]=a[8]&63|128;for(k=0;k<16;k++){r=a[k].toString(16);s+=(r.length<2?'0':'')+r;if(k==3||k==5||k==7||k==9)s+='-'}return s}
function tell(m,more,bad){say.className=bad?'say bad':'say';say.innerHTML='';say.appendChild(d.createTextNode(m));
if(more){var p=d.createElement('p');p.appendChild(d.createTextNode(more));say.appendChild(p)}}
function steps(stage,fail){var at=names.indexOf(stage),k;for(k=0;k<4;k++){li[k].className=k<=at?'on':k==at+1&&at<3?(fail?'no':'now'):''}}
function stop(){if(src)src.close();src=null;clearTimeout(timer);timer=0}
function ready(label){form.className='';button.disabled=false;word.data=label}
function fail(m,more){var y=d.getElementById('why');if(y)y.className='fine mid';ended=true;asking=0;stop();tell(m,more,true);badge.className='badge sad';ready(text('again'));form.elements.request.value=id()}
function show(p){heard=true;
if(p.stage=='failed'){steps(p.hop=='gateway'||p.hop=='broker'?'asked':'sent',true);fail(p.sentence,p.advice);if(/^(jammed|no_response|port_lost|internal)$/.test(p.reason))location.replace(home());return}
if(p.stage=='back'){ended=true;stop();location.replace(home());return}
open=p.stage=='unlocked'||p.stage=='seen';steps(p.stage);tell(p.sentence,open?text('after'):'');
if(open){badge.className='badge yes';form.className='hide';hush('blink');d.getElementById('stuck').className='card';h1.firstChild.data=text('open');
if(history.replaceState)history.replaceState(null,'',home())}
if(p.done){ended=true;stop();watch()}}
function home(){var u=text('page');return u+(u.indexOf('?')<0?'?':'&')+'grant='+grant}
// After the lock has opened the page waits for the end of the ride; a phone in a pocket asks when it is looked at again.
function watch(){clearTimeout(timer);timer=setTimeout(look,8000)}
function look(){if(d.hidden)return;call('GET','/api/v1/grants/'+grant,null,function(s,j){if(s==200&&j.stage=='back')show(j);else watch()},watch)}
function call(method,url,body,done,lost){var x=new XMLHttpRequest();x.open(method,url+lang);x.timeout=8000;
if(body){x.setRequestHeader('Content-Type','application/json');x.setRequestHeader('Prefer','respond-async')}
x.onload=function(){var j;try{j=JSON.parse(x.responseText)}catch(e){lost();return}done(x.status,j)};
x.onerror=x.ontimeout=lost;x.send(body||null)}
function poll(){stop();if(ended)return;call('GET','/api/v1/grants/'+grant,null,function(s,j){if(s==200)show(j);else if(s==404){fail(j.detail,'');return}
if(!ended)timer=setTimeout(poll,1000)},function(){tell(text('lost'),'',true);timer=setTimeout(poll,1000)})}
function follow(){stop();if(!grant)return;if(ended){look();return}if(!window.EventSource){poll();return}
heard=false;src=new EventSource('/api/v1/grants/'+grant+'/events'+lang);
src.onmessage=function(e){show(JSON.parse(e.data))};
src.onerror=function(){if(!heard)poll()};
timer=setTimeout(function(){if(!heard)poll()},3000)}
d.addEventListener('visibilitychange',function(){if(d.hidden)stop();else if(grant)follow();else if(asking)ask()});
window.addEventListener('online',function(){if(asking)ask();else if(grant&&!ended)follow()});
// The same request, again and again while the store cannot be reached: however often it arrives, it opens once.
function ask(){clearTimeout(timer);var mine=asking;call('POST','/api/v1/carts/unlock',JSON.stringify({code:text('code'),request:form.elements.request.value}),
function(s,j){if(mine!=asking)return;if(s==202||s==200){asking=0;button.disabled=true;word.data=text('busy');grant=j.grant;show(j);if(!ended)follow()}
else if(s==503||s==507)again();
else if(s==401){location.reload()}
else if(/^consent_/.test(j.code||'')){form.submit()}
else{list.className='steps hide';fail(j.detail||text('lost'),'')}},
function(){if(mine==asking)again()})}
function again(){if(!asking)return;if(new Date().getTime()-asking>WAIT){fail(text('long'),'');return}
tell(text('wait'),'',true);steps('');ready(text('stop'));clearTimeout(timer);timer=setTimeout(ask,1500)}
form.addEventListener('submit',function(e){e.preventDefault();if(button.disabled)return;
if(asking){asking=0;clearTimeout(timer);say.className='hide';badge.className='badge';ready(text('again'));form.elements.request.value=id();return}
button.disabled=true;word.data=text('busy');ended=false;grant='';asking=new Date().getTime();badge.className='badge';list.className='steps';hush('hint');hush('note');hush('blink');
steps('');tell(text('busy'));ask()});
if(grant){ended=/(^| )on/.test(li[3].className);follow()}
})();
